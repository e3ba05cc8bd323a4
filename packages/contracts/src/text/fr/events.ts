import type { Catalogue } from "../catalogue.ts";
import { byCount } from "../sentence.ts";

/** One entry of a timeline: what happened first, then why. `{state}` is one of the `state.*` phrases. */
export const events = {
  "event.incident_opened": byCount(
    "total",
    "{monitor} {state}. {reason}",
    "{monitor} {state} : {failing} points d’accès sur {total} sont touchés. {reason}",
  ),
  "event.incident_opened.over":
    "{monitor} a connu une panne, déjà terminée quand Sentinel l’a enregistrée : les résultats sont arrivés en retard. {reason}",
  "event.incident_opened.slo": "{monitor} consomme trop vite son budget d’erreur.",
  "event.incident_diagnosed": "{issue}. {cause}",
  "event.incident_verdict_changed": "Désormais, le service {state}. {reason}",
  "event.incident_reopened": byCount(
    "times",
    "De nouveau, le service {state}. {reason}",
    "De nouveau, le service {state}, incident rouvert {times} fois. {reason}",
  ),
  "event.flapping_started":
    "Le service tombe et revient sans cesse. Il sera considéré comme rétabli une fois stable, après environ {rounds} vérifications réussies d’affilée ; d’ici là, plus personne n’est prévenu.",
  "event.flapping_stopped":
    "Le service est de nouveau stable : il a changé {changes} fois pendant ses {rounds} dernières vérifications.",
  "event.repair_requested":
    "Sentinel va tenter de réveiller le service, pendant {patience} au plus. C’est la réparation {used} sur {cap} permises en une heure.",
  "event.repair_withheld": "Sentinel n’a pas réveillé le service. {reason}",
  "event.repair_started": "Sentinel réveille le service (tentative {attempt}).",
  "event.repair_succeeded": "Le service a répondu au réveil après {took}. Une vérification le confirme maintenant.",
  "event.repair_succeeded.settled_by_check":
    "Le réveil est tenu pour réussi. Il a été interrompu, et la vérification suivante a trouvé le service en marche.",
  "event.repair_failed": "Le réveil n’a pas suffi ({took}). {reason}",
  "event.repair_outcome_unknown":
    "Le réveil a été interrompu et son issue est inconnue. La prochaine vérification tranchera ; il n’est pas répété.",
  "event.recommendation_added": "À faire : {recommendation}",
  "event.notification_delivered": "« {kind} » a été envoyé à {channel}.",
  "event.notification_delivered.possible_duplicate":
    "« {kind} » a été envoyé à {channel}. Un essai précédent a pu arriver aussi, avec le même identifiant.",
  "event.notification_failed": "« {kind} » n’a pas pu être envoyé à {channel} et sera retenté. {reason}",
  "event.notification_failed.gave_up": byCount(
    "attempts",
    "« {kind} » n’a pas pu être envoyé à {channel}. {reason}",
    "« {kind} » n’a pas pu être envoyé à {channel} en {attempts} essais. {reason}",
  ),
  "event.incident_acknowledged": "{actor} s’en occupe.",
  "event.comment_added": "{actor} : {text}",
  "event.incident_resolved.recovered":
    "Le service fonctionne de nouveau après {downtime}. Il s’est rétabli sans réparation.",
  "event.incident_resolved.auto_fix": "Le service fonctionne de nouveau après {downtime}. Sentinel l’a réveillé.",
  "event.incident_resolved.manual": "{actor} a clos l’incident après {downtime}.",
  "event.incident_resolved.monitor_deleted": "L’incident a été clos après {downtime}. Son moniteur a été retiré.",
  "event.incident_resolved.monitor_paused": "L’incident a été clos après {downtime}. Son moniteur a été mis en pause.",
  "event.incident_resolved.burn_ended": "Le budget d’erreur n’est plus consommé trop vite.",
  "event.unknown": "Il s’est passé quelque chose que cette version de Sentinel ne connaît pas.",

  "actor.unknown": "Quelqu’un",
  "state.down": "est en panne",
  "state.degraded": "fonctionne mal",
} as const satisfies Catalogue;

import type { Catalogue } from "../catalogue.ts";

/** Messages to people: `kind` names the message, `subject` is its title, `lead` its first sentence, `line` what may follow. */
export const notify = {
  "notify.kind.opened": "Panne",
  "notify.kind.repair_failed": "Échec de la réparation",
  "notify.kind.resolved": "Résolu",
  "notify.kind.reopened": "Nouvelle panne",
  "notify.kind.flapping": "Instabilité",
  "notify.kind.test": "Essai",

  "notify.subject.opened": "{monitor} {state}",
  "notify.subject.repair_failed": "{monitor} : la réparation n’a pas suffi",
  "notify.subject.resolved": "{monitor} fonctionne de nouveau",
  "notify.subject.closed": "{monitor} : incident clos",
  "notify.subject.reopened": "De nouveau, {monitor} {state}",
  "notify.subject.flapping": "{monitor} tombe et revient sans cesse",
  "notify.subject.test": "Message d’essai de Sentinel",

  "notify.lead.opened": "{issue}. {cause}",
  "notify.lead.reopened": "{issue}. {cause}",
  "notify.lead.repair_failed": "Sentinel a tenté de réveiller le service, et il échoue encore. {reason}",
  "notify.lead.flapping": "Le service tombe et revient sans cesse. Vous serez prévenu quand il tiendra.",
  "notify.lead.test": "Si vous lisez ceci, le canal {channel} fonctionne.",

  "notify.line.since": "Depuis : {time} ({duration})",
  "notify.line.nature": "Type : {nature}",
  "notify.line.recommendation": "À faire : {recommendation}",
  "notify.line.owner": "Responsable : {owner}",
  "notify.line.sentinel": "Sentinel tente de réveiller le service.",
  "notify.line.link": "Détails : {link}",
  "notify.line.possible_duplicate":
    "Doublon possible : un essai précédent de ce message a pu arriver, avec le même identifiant.",
} as const satisfies Catalogue;

import type { Catalogue } from "../catalogue.ts";
import { byCount } from "../sentence.ts";

/** Is production up, if not why, since when, technical or business, who acts: sentences, and short answers. */
export const status = {
  "overview.headline.up": "La production est en service.",
  "overview.headline.degraded": "La production est dégradée.",
  "overview.headline.down": "La production est en panne.",
  "overview.headline.unknown": "On ne sait pas si la production est en service.",
  "overview.headline.empty": "Rien n’est encore surveillé.",

  "overview.detail.all_healthy": byCount(
    "checked",
    "Le seul service surveillé fonctionne.",
    "Les {checked} services surveillés fonctionnent.",
  ),
  "overview.detail.incident": "{monitor} : {issue}. {cause}",
  "overview.detail.concerned": "{monitor} : {issue}.",
  "overview.detail.more": byCount(
    "count",
    "Un autre incident est ouvert : {names}.",
    "{count} autres incidents sont ouverts : {names}.",
  ),
  "overview.detail.many_more": "{count} autres incidents sont ouverts, dont {names}.",
  "overview.detail.no_incident": "Les dernières vérifications ont échoué, et aucun incident n’est ouvert.",
  "overview.detail.since": "Depuis {time}, soit {duration}.",
  "overview.detail.technical": "Le problème est technique.",
  "overview.detail.business": "Le problème touche le métier.",
  "overview.detail.both": "Des services techniques et métier sont touchés.",
  "overview.detail.sentinel": "Sentinel réveille le service.",
  "overview.detail.owner": "{who} s’en charge.",
  "overview.detail.nobody": "Personne ne s’en charge encore.",
  "overview.detail.never_checked": "Aucune vérification n’a encore eu lieu.",
  "overview.detail.stale": "La dernière vérification remonte à {age}.",
  "overview.detail.stale_incidents": byCount(
    "count",
    "Un incident était alors ouvert.",
    "{count} incidents étaient alors ouverts.",
  ),
  "overview.detail.open_when_seen": byCount(
    "count",
    "Un incident était ouvert lors de la dernière vérification.",
    "{count} incidents étaient ouverts lors de la dernière vérification.",
  ),
  "overview.detail.paused": "Tous les moniteurs sont en pause.",
  "overview.detail.not_judged": byCount(
    "unknown",
    "Un service sur {checked} n’a pas pu être jugé ; les autres fonctionnent.",
    "{unknown} services sur {checked} n’ont pas pu être jugés.",
  ),
  "overview.detail.empty": "Ajoutez une adresse : sa première vérification suit aussitôt.",

  "overview.answer.up": byCount("healthy", "{healthy} service sur {checked}", "{healthy} services sur {checked}"),
  "overview.answer.since": "{duration} · {time}",
  "overview.answer.technical": "Technique",
  "overview.answer.business": "Métier",
  "overview.answer.both": "Technique et métier",
  "overview.answer.sentinel": "Sentinel, réveil en cours",
  "overview.answer.nobody": "Personne encore",
  "overview.answer.none": "–",
} as const satisfies Catalogue;

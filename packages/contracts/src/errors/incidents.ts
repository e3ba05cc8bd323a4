import type { ErrorTable } from "./error.ts";

export const incidentsErrors = {
  incident_closed: {
    http: 409,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The incident is closed",
      detail: "Incident {incident} is resolved; what was asked is possible for an open incident only.",
      fix: "Look at the incident again; if the outage came back, use the new incident.",
    },
    fr: {
      title: "L’incident est clos",
      detail: "L’incident {incident} est résolu ; ce qui est demandé n’est possible que pour un incident ouvert.",
      fix: "Regardez de nouveau l’incident ; si la panne est revenue, servez-vous du nouvel incident.",
    },
  },
  repair_already_started: {
    http: 409,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The repair was started already",
      detail: "Attempt {attempt} of incident {incident} is not waiting any more.",
      fix: "Nothing: a repair is made once. Its outcome follows in the timeline of the incident.",
    },
    fr: {
      title: "La réparation a déjà commencé",
      detail: "La tentative {attempt} de l’incident {incident} n’est plus en attente.",
      fix: "Rien à faire : une réparation n’a lieu qu’une fois. Son issue suit dans la chronologie de l’incident.",
    },
  },
  comment_invalid: {
    http: 422,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The comment cannot be kept",
      detail: "It has {length} characters; between 1 and {max} are allowed.",
      fix: "Write something, or shorten it.",
    },
    fr: {
      title: "Le commentaire ne peut pas être gardé",
      detail: "Il compte {length} caractères ; il en faut entre 1 et {max}.",
      fix: "Écrivez quelque chose, ou raccourcissez-le.",
    },
  },
  notify_failed: {
    http: 502,
    grpc: "UNAVAILABLE",
    en: {
      title: "The message could not be sent",
      detail: "The channel “{channel}” failed with the reason {reason}.",
      fix: "Check the channel under “notifications” in sentinel.yaml, then send a test: sentinel notify test {channel}",
    },
    fr: {
      title: "Le message n’a pas pu être envoyé",
      detail: "Le canal « {channel} » a échoué avec la raison {reason}.",
      fix: "Vérifiez le canal sous « notifications » dans sentinel.yaml, puis envoyez un essai : sentinel notify test {channel}",
    },
  },
  channel_not_found: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "There is no such notification channel",
      detail: "No channel is called “{name}”.",
      fix: "Add it under “notifications” in sentinel.yaml, or take a name that stands there.",
    },
    fr: {
      title: "Ce canal de notification n’existe pas",
      detail: "Aucun canal ne s’appelle « {name} ».",
      fix: "Ajoutez-le sous « notifications » dans sentinel.yaml, ou prenez un nom qui y figure.",
    },
  },
  incident_not_found: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "There is no such incident",
      detail: "No incident has the number {id}.",
      fix: "List the incidents and take a number from there.",
    },
    fr: {
      title: "Cet incident n’existe pas",
      detail: "Aucun incident ne porte le numéro {id}.",
      fix: "Listez les incidents et prenez-y un numéro.",
    },
  },
  incident_already_open: {
    http: 409,
    grpc: "ALREADY_EXISTS",
    en: {
      title: "The monitor has an open incident already",
      detail: "“{monitor}” can have one open incident at a time.",
      fix: "Nothing to do; this result is folded into the open incident at the next try.",
    },
    fr: {
      title: "Le moniteur a déjà un incident ouvert",
      detail: "« {monitor} » ne peut avoir qu’un incident ouvert à la fois.",
      fix: "Rien à faire ; ce résultat rejoindra l’incident ouvert à l’essai suivant.",
    },
  },
  lease_lost: {
    http: 409,
    grpc: "ABORTED",
    en: {
      title: "Another process has taken over",
      detail: "Partition {part} belongs to {owner} now; this process stops writing to it.",
      fix: "Nothing to do: processes share the partitions, and each is folded by one of them at a time.",
    },
    fr: {
      title: "Un autre processus a pris le relais",
      detail: "La partition {part} appartient maintenant à {owner} ; ce processus cesse d’y écrire.",
      fix: "Rien à faire : les processus se partagent les partitions, et chacune n’est traitée que par un seul à la fois.",
    },
  },
  standby: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "This process answers no questions at the moment",
      detail: "Another process leads and answers, or none leads yet, or the database is away.",
      fix: "Try again in a few seconds; if it stays, look whether the database can be reached.",
    },
    fr: {
      title: "Ce processus ne répond pas aux questions en ce moment",
      detail: "Un autre processus dirige et répond, ou aucun ne dirige encore, ou la base est injoignable.",
      fix: "Réessayez dans quelques secondes ; si cela persiste, vérifiez que la base est joignable.",
    },
  },
  fold_failing: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "Check results cannot be recorded",
      detail: "Try after try to record them has failed, so what is shown is as old as the last success.",
      fix: "Look for “incidents.fold_failed” in the log for the cause. Nothing is lost: results wait and are recorded once it works again.",
    },
    fr: {
      title: "Les résultats ne peuvent pas être enregistrés",
      detail: "Chaque essai de les enregistrer échoue ; ce qui est affiché date donc de la dernière réussite.",
      fix: "Cherchez « incidents.fold_failed » dans le journal pour en voir la cause. Rien n’est perdu : les résultats attendent et seront enregistrés dès que possible.",
    },
  },
  dead_letter_not_found: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "There is no such dead letter",
      detail: "No message was kept aside under the number {id}, or it has been replayed or discarded.",
      fix: "List those there are: sentinel dead-letters.",
    },
    fr: {
      title: "Ce message écarté n’existe pas",
      detail: "Aucun message n’a été mis de côté sous le numéro {id}, ou il a été rejoué ou supprimé.",
      fix: "Affichez ceux qui existent : sentinel dead-letters.",
    },
  },
  kpis_not_ready: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "The figures are being made",
      detail: "The figures of incidents are made from the event log for the first time.",
      fix: "Ask again in a few seconds.",
    },
    fr: {
      title: "Les chiffres sont en préparation",
      detail: "Les chiffres des incidents sont établis pour la première fois à partir du journal d’événements.",
      fix: "Redemandez dans quelques secondes.",
    },
  },
  watcher_too_slow: {
    http: 429,
    grpc: "RESOURCE_EXHAUSTED",
    en: {
      title: "The reader fell too far behind",
      detail: "Changes came faster than they were taken, so the stream was ended.",
      fix: "Connect again: it begins with a snapshot of how things stand.",
    },
    fr: {
      title: "Le lecteur a pris trop de retard",
      detail: "Les changements arrivaient plus vite qu’ils n’étaient lus, le flux a donc été fermé.",
      fix: "Reconnectez-vous : le flux commence par un état complet.",
    },
  },
} as const satisfies ErrorTable;

import type { ErrorTable } from "./error.ts";

export const monitorsErrors = {
  monitor_not_found: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "There is no such monitor",
      detail: "Nothing is watched under the id or name “{id}”.",
      fix: "List the monitors and take an id from there; it may have been deleted meanwhile.",
    },
    fr: {
      title: "Ce moniteur n’existe pas",
      detail: "Rien n’est surveillé sous l’identifiant ou le nom « {id} ».",
      fix: "Listez les moniteurs et prenez-y un identifiant ; il a pu être supprimé entre-temps.",
    },
  },
  monitor_name_taken: {
    http: 409,
    grpc: "ALREADY_EXISTS",
    en: {
      title: "The name is taken",
      detail: "Another monitor is called “{name}”; names are unique.",
      fix: "Choose another name, or change the monitor that has it.",
    },
    fr: {
      title: "Ce nom est pris",
      detail: "Un autre moniteur s’appelle « {name} » ; les noms sont uniques.",
      fix: "Choisissez un autre nom, ou modifiez le moniteur qui le porte.",
    },
  },
  monitor_owned_by_file: {
    http: 409,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "This monitor belongs to sentinel.yaml",
      detail: "“{name}” comes from the configuration file, which would undo a change made here.",
      fix: "Edit it in sentinel.yaml; the file is read again as soon as it changes.",
    },
    fr: {
      title: "Ce moniteur appartient à sentinel.yaml",
      detail: "« {name} » vient du fichier de configuration, qui annulerait un changement fait ici.",
      fix: "Modifiez-le dans sentinel.yaml ; le fichier est relu dès qu’il change.",
    },
  },
  monitor_invalid: {
    http: 422,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The monitor cannot be watched as it is written",
      detail: "Something is wrong in {count} places; each is listed with what was expected.",
      fix: "Correct the places listed and send it again.",
    },
    fr: {
      title: "Le moniteur ne peut pas être surveillé tel quel",
      detail: "Quelque chose ne va pas à {count} endroits ; chacun est indiqué avec ce qui était attendu.",
      fix: "Corrigez les endroits indiqués et renvoyez-le.",
    },
  },
  version_mismatch: {
    http: 412,
    grpc: "ABORTED",
    en: {
      title: "Somebody else changed it meanwhile",
      detail: "Version {expected} was expected, and it is at version {actual} now.",
      fix: "Read it again, look at what changed, and send your change with the new version.",
    },
    fr: {
      title: "Quelqu’un l’a modifié entre-temps",
      detail: "La version {expected} était attendue, et la version actuelle est {actual}.",
      fix: "Relisez-le, regardez ce qui a changé, et renvoyez votre modification avec la nouvelle version.",
    },
  },
  idempotency_key_reused: {
    http: 422,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The idempotency key was used for something else",
      detail: "The key “{key}” came before with another content.",
      fix: "Take a new key for a new request; repeat a request only as it was.",
    },
    fr: {
      title: "La clé d’idempotence a servi à autre chose",
      detail: "La clé « {key} » est déjà venue avec un autre contenu.",
      fix: "Prenez une nouvelle clé pour une nouvelle requête ; ne répétez une requête que telle quelle.",
    },
  },
} as const satisfies ErrorTable;

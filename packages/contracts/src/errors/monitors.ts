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
  monitor_not_called: {
    http: 409,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "This monitor is not called by anybody",
      detail: "“{id}” asks by itself, so it has no address that a job could call.",
      fix: "Give it one endpoint such as heartbeat://nightly-backup if a job shall tell of itself.",
    },
    fr: {
      title: "Personne n’appelle ce moniteur",
      detail: "« {id} » interroge lui-même : il n’a pas d’adresse qu’une tâche pourrait appeler.",
      fix: "Donnez-lui un seul point tel que heartbeat://sauvegarde-nocturne si une tâche doit se signaler.",
    },
  },
  ping_unknown: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "Nobody waits for this call",
      detail: "No monitor has the token, key or slug of the address that was called.",
      fix: "Copy the address from the screen of the monitor; a deleted monitor needs a new one.",
    },
    fr: {
      title: "Personne n’attend cet appel",
      detail: "Aucun moniteur n’a le jeton, la clé ou le nom court de l’adresse appelée.",
      fix: "Copiez l’adresse depuis l’écran du moniteur ; un moniteur supprimé en demande une nouvelle.",
    },
  },
  ping_ambiguous: {
    http: 409,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "Several monitors have this slug",
      detail: "The slug “{slug}” is that of more than one monitor.",
      fix: "Call the address with the token of the monitor, or rename one of them.",
    },
    fr: {
      title: "Plusieurs moniteurs ont ce nom court",
      detail: "Le nom court « {slug} » est celui de plusieurs moniteurs.",
      fix: "Appelez l’adresse avec le jeton du moniteur, ou renommez l’un d’eux.",
    },
  },
  ping_malformed: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The call cannot be read",
      detail: "{part} of the address that was called is not usable.",
      fix: "End the address with nothing, /start, /fail, /log or an exit code from 0 to 255; give `rid` as a UUID.",
    },
    fr: {
      title: "L’appel est illisible",
      detail: "{part} de l’adresse appelée est inutilisable.",
      fix: "Terminez l’adresse par rien, /start, /fail, /log ou un code de sortie de 0 à 255 ; donnez `rid` en UUID.",
    },
  },
} as const satisfies ErrorTable;

import type { ErrorTable } from "./error.ts";

export const storeErrors = {
  version_conflict: {
    http: 409,
    grpc: "ABORTED",
    en: {
      title: "Somebody else was faster",
      detail: "Stream {stream} is at version {actual}; this change expected {expected}.",
      fix: "Read the stream again and decide anew.",
    },
    fr: {
      title: "Quelqu’un a été plus rapide",
      detail: "Le flux {stream} est à la version {actual} ; ce changement attendait {expected}.",
      fix: "Relisez le flux et décidez de nouveau.",
    },
  },
  event_id_reused: {
    http: 409,
    grpc: "ALREADY_EXISTS",
    en: {
      title: "An event id was used twice",
      detail:
        "Event id {eventId} is already stored with other content or with only a part of this append, so nothing was written.",
      fix: "Give each new event its own id; repeat an append only whole and unchanged.",
    },
    fr: {
      title: "Un identifiant d’événement a servi deux fois",
      detail:
        "L’identifiant {eventId} est déjà enregistré avec un autre contenu ou avec une partie seulement de cet ajout ; rien n’a été écrit.",
      fix: "Donnez à chaque nouvel événement son propre identifiant ; ne répétez un ajout qu’entier et inchangé.",
    },
  },
  event_malformed: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "An event cannot be stored as it is",
      detail: "Field {field} of event {eventId} holds a value the store cannot keep: {problem}.",
      fix: "Correct the field before appending.",
    },
    fr: {
      title: "Un événement ne peut pas être enregistré tel quel",
      detail:
        "Le champ {field} de l’événement {eventId} contient une valeur que le magasin ne peut pas garder : {problem}.",
      fix: "Corrigez le champ avant d’ajouter l’événement.",
    },
  },
  database_url_invalid: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The database address is not usable",
      detail: "It must look like postgres://user:password@host:5432/name.",
      fix: "Correct the address of the database and start again.",
    },
    fr: {
      title: "L’adresse de la base de données est inutilisable",
      detail: "Elle doit ressembler à postgres://utilisateur:motdepasse@hôte:5432/nom.",
      fix: "Corrigez l’adresse de la base de données et redémarrez.",
    },
  },
  database_unreachable: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "The database does not answer",
      detail: "No connection to PostgreSQL at {host} ({reason}).",
      fix: "Start PostgreSQL there, or correct the address; Sentinel keeps what it measured and goes on by itself.",
    },
    fr: {
      title: "La base de données ne répond pas",
      detail: "Aucune connexion à PostgreSQL sur {host} ({reason}).",
      fix: "Démarrez PostgreSQL à cet endroit ou corrigez l’adresse ; Sentinel garde ses mesures et reprend de lui-même.",
    },
  },
  database_login_refused: {
    http: 503,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The database refused the login",
      detail: "PostgreSQL at {host} did not accept the user or its password.",
      fix: "Correct the user and the password in the address of the database.",
    },
    fr: {
      title: "La base de données a refusé la connexion",
      detail: "PostgreSQL sur {host} n’a pas accepté l’utilisateur ou son mot de passe.",
      fix: "Corrigez l’utilisateur et le mot de passe dans l’adresse de la base de données.",
    },
  },
  database_missing: {
    http: 503,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The database does not exist",
      detail: "PostgreSQL at {host} has no database of the name in the address.",
      fix: "Create the database, or correct its name in the address.",
    },
    fr: {
      title: "La base de données n’existe pas",
      detail: "PostgreSQL sur {host} n’a aucune base du nom indiqué dans l’adresse.",
      fix: "Créez la base de données ou corrigez son nom dans l’adresse.",
    },
  },
  database_timeout: {
    http: 503,
    grpc: "DEADLINE_EXCEEDED",
    en: {
      title: "The database took too long",
      detail: "A statement ran into the time limit and was undone.",
      fix: "Try again; if it stays, look at the load and the locks of the database.",
    },
    fr: {
      title: "La base de données a mis trop de temps",
      detail: "Une instruction a dépassé la limite de temps et a été annulée.",
      fix: "Réessayez ; si cela persiste, examinez la charge et les verrous de la base de données.",
    },
  },
  database_conflict: {
    http: 503,
    grpc: "ABORTED",
    en: {
      title: "Two changes stood in each other’s way",
      detail: "PostgreSQL undid this transaction to let another one finish.",
      fix: "Try again.",
    },
    fr: {
      title: "Deux changements se sont gênés",
      detail: "PostgreSQL a annulé cette transaction pour laisser l’autre se terminer.",
      fix: "Réessayez.",
    },
  },
  transaction_over: {
    http: 500,
    grpc: "INTERNAL",
    en: {
      title: "A statement came after the end of its transaction",
      detail:
        "The connection was lost or the transaction had ended; nothing of it was kept that was not committed before.",
      fix: "Try again; if it stays, report it with the trace id.",
    },
    fr: {
      title: "Une instruction est arrivée après la fin de sa transaction",
      detail:
        "La connexion était perdue ou la transaction terminée ; rien n’en a été gardé hormis ce qui était déjà validé.",
      fix: "Réessayez ; si cela persiste, signalez-le avec l’identifiant de trace.",
    },
  },
  disk_full: {
    http: 507,
    grpc: "RESOURCE_EXHAUSTED",
    en: {
      title: "The disk is full",
      detail: "There is no space left to write in {dir}.",
      fix: "Free some space there and start again; nothing that was stored is damaged.",
    },
    fr: {
      title: "Le disque est plein",
      detail: "Il n’y a plus de place pour écrire dans {dir}.",
      fix: "Libérez de la place à cet endroit et redémarrez ; rien de ce qui était enregistré n’est endommagé.",
    },
  },
  integer_too_large: {
    http: 500,
    grpc: "OUT_OF_RANGE",
    en: {
      title: "A number from the database is too large",
      detail: "The value {value} cannot be represented exactly.",
      fix: "Report it with the trace id; no data was changed.",
    },
    fr: {
      title: "Un nombre de la base de données est trop grand",
      detail: "La valeur {value} ne peut pas être représentée exactement.",
      fix: "Signalez-le avec l’identifiant de trace ; aucune donnée n’a été modifiée.",
    },
  },
  schema_newer: {
    http: 503,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The data was written by a newer version",
      detail: "The database holds schema step {found}; this version knows steps up to {known}.",
      fix: "Start the newer version of Sentinel again, or use another data folder; nothing was changed.",
    },
    fr: {
      title: "Les données viennent d’une version plus récente",
      detail:
        "La base de données contient l’étape de schéma {found} ; cette version connaît les étapes jusqu’à {known}.",
      fix: "Relancez la version plus récente de Sentinel ou utilisez un autre dossier de données ; rien n’a été modifié.",
    },
  },
  migration_changed: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "A schema step differs from the one that ran",
      detail: "Step {id} ({name}) was changed after it had been applied to this database.",
      fix: "Restore the step as it was and put the change in a new one; nothing was changed.",
    },
    fr: {
      title: "Une étape de schéma diffère de celle qui a été appliquée",
      detail: "L’étape {id} ({name}) a été modifiée après son application à cette base de données.",
      fix: "Rétablissez l’étape d’origine et mettez le changement dans une nouvelle étape ; rien n’a été modifié.",
    },
  },
  postgres_start_failed: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "The built-in database did not start",
      detail: "PostgreSQL said: {reason}",
      fix: "Correct what it names and start again; the data is untouched.",
    },
    fr: {
      title: "La base de données intégrée n’a pas démarré",
      detail: "PostgreSQL a indiqué : {reason}",
      fix: "Corrigez ce qui est indiqué et redémarrez ; les données sont intactes.",
    },
  },
  postgres_unsupported: {
    http: 503,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "No built-in database for this machine",
      detail: "There is no PostgreSQL package for {platform}.",
      fix: "Run PostgreSQL yourself and start with --distributed and its address.",
    },
    fr: {
      title: "Pas de base de données intégrée pour cette machine",
      detail: "Il n’existe pas de paquet PostgreSQL pour {platform}.",
      fix: "Installez PostgreSQL vous-même et démarrez avec --distributed et son adresse.",
    },
  },
  data_dir_not_writable: {
    http: 503,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The data folder cannot be written",
      detail: "Writing in {dir} was refused ({reason}).",
      fix: "Give this account write access to the folder, or choose another one with --data.",
    },
    fr: {
      title: "Le dossier de données n’est pas accessible en écriture",
      detail: "L’écriture dans {dir} a été refusée ({reason}).",
      fix: "Donnez à ce compte le droit d’écrire dans le dossier ou choisissez-en un autre avec --data.",
    },
  },
  data_dir_in_use: {
    http: 503,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The data folder is in use",
      detail: "Another Sentinel (process {pid}) is running on {dir}.",
      fix: "Use that one, stop it first, or choose another folder with --data.",
    },
    fr: {
      title: "Le dossier de données est déjà utilisé",
      detail: "Un autre Sentinel (processus {pid}) fonctionne avec {dir}.",
      fix: "Utilisez celui-là, arrêtez-le d’abord ou choisissez un autre dossier avec --data.",
    },
  },
  data_dir_other_postgres: {
    http: 503,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The data was written by another PostgreSQL version",
      detail: "The data in {dir} is of PostgreSQL {found}; this version brings {known}.",
      fix: "Start the version of Sentinel that wrote it, or use another data folder; nothing was changed.",
    },
    fr: {
      title: "Les données viennent d’une autre version de PostgreSQL",
      detail: "Les données de {dir} sont de PostgreSQL {found} ; cette version apporte {known}.",
      fix: "Relancez la version de Sentinel qui les a écrites ou utilisez un autre dossier de données ; rien n’a été modifié.",
    },
  },
  data_dir_missing: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "There is no data of Sentinel",
      detail: "{dir} holds no database.",
      fix: "Name the folder that `sentinel up` uses with --data, or the database with --database.",
    },
    fr: {
      title: "Il n’y a pas de données de Sentinel",
      detail: "{dir} ne contient aucune base de données.",
      fix: "Indiquez le dossier que `sentinel up` utilise avec --data, ou la base avec --database.",
    },
  },
  stream_not_parked: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "The stream is not parked",
      detail: "No read model has parked the stream {stream}.",
      fix: "See which streams are: sentinel projections list",
    },
    fr: {
      title: "Le flux n’est pas mis de côté",
      detail: "Aucun modèle de lecture n’a mis le flux {stream} de côté.",
      fix: "Voyez lesquels le sont : sentinel projections list",
    },
  },
  log_missing: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "There is no event log",
      detail: "The database at {host} holds no event log of Sentinel.",
      fix: "Check the address of the database.",
    },
    fr: {
      title: "Il n’y a pas de journal d’événements",
      detail: "La base de données sur {host} ne contient aucun journal d’événements de Sentinel.",
      fix: "Vérifiez l’adresse de la base de données.",
    },
  },
  log_not_empty: {
    http: 409,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The log is not empty",
      detail: "It already holds {events} events, and an import never mixes two histories. Nothing was written.",
      fix: "Import into a new data folder or a new database.",
    },
    fr: {
      title: "Le journal n’est pas vide",
      detail:
        "Il contient déjà {events} événements, et une importation ne mêle jamais deux histoires. Rien n’a été écrit.",
      fix: "Importez dans un nouveau dossier de données ou une nouvelle base.",
    },
  },
  log_file_unknown: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The file is not an exported log",
      detail: "Line {line} is not what `sentinel log export` writes there. Nothing was written.",
      fix: "Use the file as it was exported, whole and unchanged.",
    },
    fr: {
      title: "Le fichier n’est pas un journal exporté",
      detail: "La ligne {line} n’est pas ce que `sentinel log export` écrit à cet endroit. Rien n’a été écrit.",
      fix: "Utilisez le fichier tel qu’il a été exporté, entier et inchangé.",
    },
  },
  log_event_unreadable: {
    http: 400,
    grpc: "DATA_LOSS",
    en: {
      title: "An event of the exported log cannot be read",
      detail:
        "Line {line} holds the event {event} of type {type} in stream {stream}. It is as it was exported, but its content is no such event. Nothing was written.",
      fix: "Import with the version of Sentinel that wrote it or a newer one, and report it if that does not help.",
    },
    fr: {
      title: "Un événement du journal exporté est illisible",
      detail:
        "La ligne {line} contient l’événement {event} de type {type} du flux {stream}. Il est tel qu’exporté, mais son contenu n’est pas celui d’un tel événement. Rien n’a été écrit.",
      fix: "Importez avec la version de Sentinel qui l’a écrit ou une plus récente, et signalez-le si cela n’aide pas.",
    },
  },
  log_file_altered: {
    http: 400,
    grpc: "DATA_LOSS",
    en: {
      title: "The exported log was altered",
      detail:
        "Line {line} does not follow from the lines before it: its position, hash or count is wrong. Nothing was written.",
      fix: "Take another copy of the export, or export again.",
    },
    fr: {
      title: "Le journal exporté a été modifié",
      detail:
        "La ligne {line} ne découle pas des lignes précédentes : sa position, son empreinte ou son nombre est faux. Rien n’a été écrit.",
      fix: "Prenez une autre copie de l’exportation ou exportez de nouveau.",
    },
  },
  log_file_truncated: {
    http: 400,
    grpc: "DATA_LOSS",
    en: {
      title: "The exported log is not whole",
      detail: "The file ends after line {line} without its last line, which counts the events. Nothing was written.",
      fix: "Take another copy of the export, or export again.",
    },
    fr: {
      title: "Le journal exporté n’est pas entier",
      detail:
        "Le fichier finit après la ligne {line} sans sa dernière ligne, qui compte les événements. Rien n’a été écrit.",
      fix: "Prenez une autre copie de l’exportation ou exportez de nouveau.",
    },
  },
} as const satisfies ErrorTable;

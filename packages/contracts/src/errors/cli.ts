import type { ErrorTable } from "./error.ts";

export const cliErrors = {
  command_unknown: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "There is no such command",
      detail: "“{command}” is not a command of sentinel.",
      fix: "Run `sentinel --help` for the list of commands.",
    },
    fr: {
      title: "Cette commande n’existe pas",
      detail: "« {command} » n’est pas une commande de sentinel.",
      fix: "Lancez `sentinel --help` pour la liste des commandes.",
    },
  },
  command_unknown_near: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "There is no such command",
      detail: "“{command}” is not a command of sentinel.",
      fix: "Did you mean `sentinel {near}`?",
    },
    fr: {
      title: "Cette commande n’existe pas",
      detail: "« {command} » n’est pas une commande de sentinel.",
      fix: "Vouliez-vous dire `sentinel {near}` ?",
    },
  },
  option_unknown: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "There is no such option",
      detail: "`sentinel {command}` has no option {option}.",
      fix: "Run `sentinel {command} --help` for its options.",
    },
    fr: {
      title: "Cette option n’existe pas",
      detail: "`sentinel {command}` n’a pas d’option {option}.",
      fix: "Lancez `sentinel {command} --help` pour ses options.",
    },
  },
  option_unknown_near: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "There is no such option",
      detail: "`sentinel {command}` has no option {option}.",
      fix: "Did you mean {near}?",
    },
    fr: {
      title: "Cette option n’existe pas",
      detail: "`sentinel {command}` n’a pas d’option {option}.",
      fix: "Vouliez-vous dire {near} ?",
    },
  },
  option_value_missing: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "An option lacks its value",
      detail: "{option} stands without a value.",
      fix: "Write {option} VALUE, or {option}=VALUE where the value begins with a dash.",
    },
    fr: {
      title: "Il manque la valeur d’une option",
      detail: "{option} est écrite sans valeur.",
      fix: "Écrivez {option} VALEUR, ou {option}=VALEUR si la valeur commence par un tiret.",
    },
  },
  option_value_unexpected: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "An option takes no value",
      detail: "{option} was given the value “{value}” and takes none.",
      fix: "Write {option} alone.",
    },
    fr: {
      title: "Une option ne prend pas de valeur",
      detail: "{option} a reçu la valeur « {value} » et n’en prend pas.",
      fix: "Écrivez {option} seule.",
    },
  },
  option_value_invalid: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "An option has a wrong value",
      detail: "“{value}” is not a value for {option}; expected: {expected}.",
      fix: "Correct the value and run the command again.",
    },
    fr: {
      title: "Une option a une mauvaise valeur",
      detail: "« {value} » n’est pas une valeur pour {option} ; attendu : {expected}.",
      fix: "Corrigez la valeur et relancez la commande.",
    },
  },
  option_needs_other: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "An option lacks another one",
      detail: "{option} only works together with {needed}.",
      fix: "Add {needed}, or leave {option} out.",
    },
    fr: {
      title: "Une option en demande une autre",
      detail: "{option} ne fonctionne qu’avec {needed}.",
      fix: "Ajoutez {needed} ou retirez {option}.",
    },
  },
  argument_missing: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The command is not complete",
      detail: "`sentinel {command}` needs {argument}.",
      fix: "Run `sentinel {command} --help` for examples.",
    },
    fr: {
      title: "La commande n’est pas complète",
      detail: "`sentinel {command}` a besoin de {argument}.",
      fix: "Lancez `sentinel {command} --help` pour des exemples.",
    },
  },
  argument_unexpected: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The command has a word too many",
      detail: "`sentinel {command}` does not know what to do with “{argument}”.",
      fix: "Remove it, or run `sentinel {command} --help` for what it takes.",
    },
    fr: {
      title: "La commande a un mot de trop",
      detail: "`sentinel {command}` ne sait que faire de « {argument} ».",
      fix: "Retirez-le ou lancez `sentinel {command} --help` pour ce qu’elle accepte.",
    },
  },
  gateway_unreachable: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "Sentinel does not answer",
      detail: "Nothing answered at {url} ({reason}).",
      fix: "Start it with `npm start`, or name the right address with --url or SENTINEL_URL.",
    },
    fr: {
      title: "Sentinel ne répond pas",
      detail: "Rien n’a répondu à l’adresse {url} ({reason}).",
      fix: "Démarrez-le avec `npm start` ou indiquez la bonne adresse avec --url ou SENTINEL_URL.",
    },
  },
  gateway_answer_unreadable: {
    http: 502,
    grpc: "UNKNOWN",
    en: {
      title: "Something else answered",
      detail: "What {url} answered is not an answer of Sentinel (HTTP {status}).",
      fix: "Check the address in --url or SENTINEL_URL; it must be that of a Sentinel of the same version.",
    },
    fr: {
      title: "Autre chose a répondu",
      detail: "La réponse de {url} n’est pas celle d’un Sentinel (HTTP {status}).",
      fix: "Vérifiez l’adresse dans --url ou SENTINEL_URL ; ce doit être celle d’un Sentinel de la même version.",
    },
  },
  monitor_name_unknown: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "There is no such monitor",
      detail: "No monitor has the name or the id “{name}”.",
      fix: "Run `sentinel monitors` for the names.",
    },
    fr: {
      title: "Ce moniteur n’existe pas",
      detail: "Aucun moniteur n’a le nom ou l’identifiant « {name} ».",
      fix: "Lancez `sentinel monitors` pour les noms.",
    },
  },
  file_unreadable: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The file cannot be read",
      detail: "{file} could not be read ({reason}).",
      fix: "Check its name and its rights.",
    },
    fr: {
      title: "Le fichier est illisible",
      detail: "{file} n’a pas pu être lu ({reason}).",
      fix: "Vérifiez son nom et ses droits.",
    },
  },
  file_exists: {
    http: 409,
    grpc: "ALREADY_EXISTS",
    en: {
      title: "The file is there already",
      detail: "{file} exists and is left as it is.",
      fix: "Name another file, or move this one away.",
    },
    fr: {
      title: "Le fichier existe déjà",
      detail: "{file} existe et reste tel quel.",
      fix: "Nommez un autre fichier, ou déplacez celui-ci.",
    },
  },
  file_not_readable_as: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The file is not what was expected",
      detail: "{file} could not be read as {form}: {detail}",
      fix: "Check that it is the file that the other program writes, whole and not compressed.",
    },
    fr: {
      title: "Le fichier n’est pas ce qui était attendu",
      detail: "{file} n’a pas pu être lu comme {form} : {detail}",
      fix: "Vérifiez que c’est bien le fichier écrit par l’autre programme, entier et non compressé.",
    },
  },
  file_not_writable: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The file cannot be written",
      detail: "{file} could not be written ({reason}).",
      fix: "Check the folder, its rights and the space on its disk.",
    },
    fr: {
      title: "Le fichier ne peut pas être écrit",
      detail: "{file} n’a pas pu être écrit ({reason}).",
      fix: "Vérifiez le dossier, ses droits et la place sur son disque.",
    },
  },
  file_not_json: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The file is not JSON",
      detail: "{file} is not a JSON document: {reason}.",
      fix: "Correct it there; `sentinel monitors show NAME -o json` prints one to start from.",
    },
    fr: {
      title: "Le fichier n’est pas du JSON",
      detail: "{file} n’est pas un document JSON : {reason}.",
      fix: "Corrigez-le à cet endroit ; `sentinel monitors show NOM -o json` en affiche un comme point de départ.",
    },
  },
  dashboard_build_failed: {
    http: 500,
    grpc: "INTERNAL",
    en: {
      title: "The dashboard could not be built",
      detail: "The build said: {reason}.",
      fix: "Run `npm ci` and start again; if it stays, run `npx sentinel build-dashboard --verbose` for all it says.",
    },
    fr: {
      title: "Le tableau de bord n’a pas pu être construit",
      detail: "La construction a indiqué : {reason}.",
      fix: "Lancez `npm ci` puis redémarrez ; si cela persiste, lancez `npx sentinel build-dashboard --verbose` pour tout voir.",
    },
  },
  demo_port_unavailable: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "A demo target could not start",
      detail: "No free port was found on {address} ({reason}).",
      fix: "Free a port on this machine, or start without --demo.",
    },
    fr: {
      title: "Une cible de démonstration n’a pas pu démarrer",
      detail: "Aucun port libre sur {address} ({reason}).",
      fix: "Libérez un port sur cette machine ou démarrez sans --demo.",
    },
  },
  postgres_ended: {
    http: 500,
    grpc: "UNAVAILABLE",
    en: {
      title: "The embedded PostgreSQL ended by itself",
      detail: "Sentinel cannot work without its database and stops. What was acknowledged is on disk.",
      fix: "Start it again; if it stays, look at the end of logs/sentinel.log in the data folder.",
    },
    fr: {
      title: "Le PostgreSQL embarqué s’est arrêté de lui-même",
      detail: "Sentinel ne peut pas travailler sans sa base et s’arrête. Ce qui était confirmé est sur le disque.",
      fix: "Relancez-le ; si cela persiste, regardez la fin de logs/sentinel.log dans le dossier de données.",
    },
  },
  service_not_started: {
    http: 500,
    grpc: "UNAVAILABLE",
    en: {
      title: "A service could not start",
      detail: "{name} ended with exit code {code} before it was ready; its reason stands above.",
      fix: "Correct what it names, then start again; more is in logs/{name}.log in the data folder.",
    },
    fr: {
      title: "Un service n’a pas pu démarrer",
      detail: "{name} s’est terminé avec le code {code} avant d’être prêt ; sa raison figure au-dessus.",
      fix: "Corrigez ce qu’il indique, puis relancez ; le détail est dans logs/{name}.log du dossier de données.",
    },
  },
} as const satisfies ErrorTable;

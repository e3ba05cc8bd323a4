import type { Catalogue } from "../catalogue.ts";

const REST = `
Toute commande qui interroge un Sentinel en marche accepte aussi
  --url URL          son adresse (par défaut : SENTINEL_URL, sinon http://127.0.0.1:8300)
  --token JETON      le jeton qu’il demande hors de la boucle locale (mieux : SENTINEL_TOKEN)
  -o, --output FORME table (par défaut) ou json, c’est-à-dire exactement la réponse de l’API REST
  --lang en|fr       la langue (par défaut : celle du terminal, d’après LC_ALL ou LANG)
`;

export const cli = {
  "cli.help": `sentinel – surveille ce que vous exploitez, consigne chaque incident, répare ce qui peut l’être sans risque, explique le reste

Usage : sentinel COMMANDE [options]

  up                 démarrer le tout dans un seul processus (ou --distributed)
  status             la production fonctionne-t-elle ? sinon, pourquoi ? depuis quand ? technique ou métier ? qui agit ?
  monitors           ce qui est surveillé : list, show, add, remove
  incidents          ce qui a mal tourné : list, show, ack, resolve, comment
  notify test NOM    envoyer un message d’essai sur un canal
  kpis               les chiffres des incidents : combien, combien de temps, détectés et résolus en combien
  maintenance        les fenêtres où l’échec est attendu : list, start, end, remove
  dead-letters       les messages inutilisables : list, show, replay, discard
  log                le journal d’événements : verify, export, import
  projections        les flux qu’un modèle de lecture a mis de côté : list, unpark
  check [FICHIER]    dire ce qui ne va pas dans un sentinel.yaml, avec ligne et colonne
  import SOURCE FICH reprendre des moniteurs : gatus, blackbox, uptime-kuma, uptimerobot
  probe-exporter     répondre à Prometheus comme blackbox_exporter, d’après le même blackbox.yml
  build-dashboard    préparer le tableau de bord (\`up\` le fait de lui-même)
  service NOM        un service du mode distribué dans son propre processus

  -h, --help         cette page, ou celle d’une commande : sentinel monitors --help
  -V, --version      la version
  --lang en|fr       la langue (par défaut : celle du terminal)

Environnement : SENTINEL_URL, SENTINEL_TOKEN, SENTINEL_NATS_URL, SENTINEL_DATABASE_URL, SENTINEL_LOG_LEVEL, LANG
Codes de sortie : 0 fait, 1 échec, 2 commande mal écrite ; \`status\` aussi 3 la production ne va pas bien, 4 inconnu
`,
  "cli.help.up": `sentinel up – démarrer le tout

Usage : sentinel up [options]

  -c, --config FICHIER  les moniteurs et canaux (par défaut : ./sentinel.yaml ; relu à chaque changement, peut manquer)
  --data DOSSIER     où tout est gardé (par défaut : $XDG_DATA_HOME/sentinel, sinon ~/.local/share/sentinel)
  -p, --port N       le port du tableau de bord et de l’API REST (par défaut : 8300)
  --host ADRESSE     l’adresse d’écoute (par défaut : 127.0.0.1 ; toute autre demande un jeton, affiché une fois)
  --grpc-port N      le port de l’API gRPC (par défaut : celui qui suit --port)
  --demo             surveiller cinq services locaux qui se comportent mal exprès
  --distributed      un processus par service, avec
    --incidents N      autant de services « incidents », qui se partagent le travail (par défaut : 1)
    --probers N        autant de sondes, qui se partagent les moniteurs (par défaut : 1)
    --nats URL         NATS avec JetStream (ou SENTINEL_NATS_URL)
    --database URL     PostgreSQL (mieux : SENTINEL_DATABASE_URL, car les commandes sont visibles sur la machine)
  --lang en|fr       la langue de ce qui est dit ici

Exemples :
  sentinel up --demo
  sentinel up --config ops/sentinel.yaml --data /var/lib/sentinel --port 9000
  sentinel up --distributed --nats nats://nats:4222     # avec SENTINEL_DATABASE_URL

Ctrl-C l’arrête ; les données restent. SENTINEL_LOG_LEVEL=debug en dit plus.
Codes de sortie : 0 arrêté comme demandé, 1 n’a pas pu démarrer ou continuer (une phrase dit pourquoi), 2 commande mal écrite
`,
  "cli.help.status": `sentinel status – la production fonctionne-t-elle ? sinon, pourquoi ? depuis quand ? technique ou métier ? qui agit ?

Usage : sentinel status [options]
${REST}
Exemples :
  sentinel status
  sentinel status -o json | jq -r .headline
  sentinel status || echo "voir le tableau de bord"

Codes de sortie : 0 tout va bien, 3 dégradé ou en panne, 4 inconnu (aucun moniteur, aucune mesure récente ou Sentinel injoignable), 2 commande mal écrite
`,
  "cli.help.check": `sentinel check – dire ce qui ne va pas dans une configuration

Usage : sentinel check [FICHIER] [-o json]

  FICHIER            le fichier (par défaut : sentinel.yaml)
  -o, --output FORME table (par défaut) : une ligne par faute, FICHIER:LIGNE:COLONNE: MESSAGE ; ou json
  --lang en|fr       la langue

Exemples :
  sentinel check
  sentinel check ops/sentinel.yaml -o json

Les variables telles que \${OPS_WEBHOOK} sont cherchées dans l’environnement de cette commande.
Codes de sortie : 0 le fichier est juste, 1 il ne l’est pas ou est illisible, 2 commande mal écrite
`,
  "cli.help.monitors": `sentinel monitors – ce qui est surveillé

Usage : sentinel monitors [list] [--group GROUPE] [--tag ÉTIQUETTE]
        sentinel monitors show NOM|ID
        sentinel monitors add URL [--name NOM]
        sentinel monitors add FICHIER.json
        sentinel monitors remove NOM|ID

  --name NOM         le nom du moniteur ajouté (par défaut : hôte et port de l’adresse)
  --group GROUPE     seulement les moniteurs de ce groupe
  --tag ÉTIQUETTE    seulement les moniteurs avec cette étiquette
${REST}
Exemples :
  sentinel monitors
  sentinel monitors --group Boutique --tag team:data
  sentinel monitors add https://shop.example.com/health --name boutique
  sentinel monitors show boutique -o json
  sentinel monitors remove boutique

Les moniteurs de sentinel.yaml se changent dans ce fichier. Codes de sortie : 0 fait, 1 échec, 2 commande mal écrite
`,
  "cli.help.incidents": `sentinel incidents – ce qui a mal tourné

Usage : sentinel incidents [list] [--open] [--limit N]
        sentinel incidents show ID
        sentinel incidents ack ID
        sentinel incidents resolve ID
        sentinel incidents comment ID TEXTE

  --open             seulement ceux qui ne sont pas résolus
  --limit N          combien, du plus récent au plus ancien (par défaut : 20, au plus 200)
${REST}
Exemples :
  sentinel incidents --open
  sentinel incidents show 12
  sentinel incidents comment 12 "Retour à la version d’hier"

Codes de sortie : 0 fait, 1 échec, 2 commande mal écrite
`,
  "cli.help.notify": `sentinel notify – essayer un canal de notification

Usage : sentinel notify test NOM

  NOM                un canal de sentinel.yaml
${REST}
Exemple :
  sentinel notify test equipe

Codes de sortie : 0 remis, 1 non remis (la raison est dite), 2 commande mal écrite
`,
  "cli.help.kpis": `sentinel kpis – les chiffres des incidents, au total et par moniteur

Usage : sentinel kpis [options]

  --days N           des incidents commencés dans les N derniers jours UTC, de 1 à 400 (par défaut : 30)
${REST}
DÉTECTION est le temps moyen de la première mesure en échec jusqu’à l’incident, PRISE EN CHARGE de l’incident jusqu’à
son acquittement, RÉSOLUTION de la première mesure en échec jusqu’à la résolution.

Exemple :
  sentinel kpis --days 90

Codes de sortie : 0 fait, 1 échec, 2 commande mal écrite
`,
  "cli.help.maintenance": `sentinel maintenance – les fenêtres où l’échec est attendu : rien ne s’ouvre, personne n’est prévenu

Usage : sentinel maintenance [list] [options]
        sentinel maintenance start NOM --for DURÉE [options]
        sentinel maintenance end NOM
        sentinel maintenance remove NOM

  list               les fenêtres, avec celle en cours ou la prochaine (par défaut)
  start              en commence une maintenant, ou la planifie
  end                termine celle en cours ; une fenêtre répétée reviendra
  remove             oublie une fenêtre qui ne vient pas de sentinel.yaml
  --for DURÉE        combien de temps, comme 30m ou 2h
  --monitors A,B     les moniteurs couverts ; tous si rien n’est nommé
  --groups A,B       les groupes couverts
  --tags A,B         les étiquettes couvertes
  --starts HEURE     quand elle commence, comme 2026-03-01T02:00 (par défaut : maintenant)
  --zone FUSEAU      à l’heure d’où, comme Europe/Paris (par défaut : UTC)
  --repeat RÈGLE     daily, weekly, monthly, yearly, ou une règle de la RFC 5545
  --reason TEXTE     pourquoi
${REST}
Exemples :
  sentinel maintenance start patch --for 1h --monitors boutique
  sentinel maintenance start nuit --for 2h --starts 2026-03-01T02:00 --zone Europe/Paris --repeat weekly --groups web
  sentinel maintenance end patch

Codes de sortie : 0 fait, 1 échec, 2 commande mal écrite
`,
  "cli.help.dead-letters": `sentinel dead-letters – les messages inutilisables, mis de côté

Usage : sentinel dead-letters [list] [options]
        sentinel dead-letters show ID
        sentinel dead-letters replay ID
        sentinel dead-letters discard ID

  list               les plus récents d’abord, avec la raison (par défaut)
  show               l’un d’eux, avec son contenu
  replay             le renvoie une fois la cause corrigée ; il revient s’il échoue encore
  discard            l’oublie pour de bon
  --limit N          au plus N d’entre eux, de 1 à 200 (par défaut : 20)
${REST}
Exemples :
  sentinel dead-letters
  sentinel dead-letters replay 4

Codes de sortie : 0 fait, 1 échec, 2 commande mal écrite
`,
  "cli.help.log": `sentinel log – le journal d’événements : le vérifier, l’emporter, le rapporter

Usage : sentinel log verify [options]
        sentinel log export [FICHIER] [options]
        sentinel log import FICHIER [options]

  verify             contrôle la chaîne, les trous et les têtes de tout le journal ; nomme la première position abîmée
  export             écrit tout le journal dans FICHIER ou sur le terminal : une ligne JSON par événement
  import             remplit un journal vide avec une exportation, vérifiée ligne à ligne, en entier ou pas du tout
  --data DOSSIER     le dossier de données (par défaut : $XDG_DATA_HOME/sentinel, sinon ~/.local/share/sentinel)
  --database URL     plutôt un PostgreSQL du mode distribué (mieux : SENTINEL_DATABASE_URL)
  -o, --output FORME table (par défaut) ou json
  --lang en|fr       la langue

Exemples :
  sentinel log verify
  sentinel log export sauvegarde.ndjson --data /var/lib/sentinel
  sentinel log import sauvegarde.ndjson --data /var/lib/sentinel-restaure

verify et export fonctionnent aussi pendant que Sentinel marche ; import le veut arrêté.
Codes de sortie : 0 fait et sain, 1 abîmé ou échec, 2 commande mal écrite
`,
  "cli.help.projections": `sentinel projections – ce qui est tiré du journal d’événements, et les flux mis de côté

Usage : sentinel projections [list] [options]
        sentinel projections unpark FLUX [options]

  list               les flux dont un événement est inutilisable, le plus ancien d’abord (par défaut)
  unpark             applique ce qui attend dans FLUX et le laisse continuer ; il reste de côté en cas de nouvel échec
  --data DIR         le dossier des données (par défaut : $XDG_DATA_HOME/sentinel, sinon ~/.local/share/sentinel)
  --database URL     à la place, un PostgreSQL du mode distribué (mieux : SENTINEL_DATABASE_URL)
  -o, --output FORM  table (par défaut) ou json
  --lang en|fr       la langue

Exemples :
  sentinel projections
  sentinel projections unpark incident-12

Les deux fonctionnent aussi pendant que Sentinel tourne.
Codes de sortie : 0 fait, 1 échec ou toujours de côté, 2 ligne de commande erronée
`,
  "cli.help.build-dashboard": `sentinel build-dashboard – préparer le tableau de bord

Usage : sentinel build-dashboard [--force] [--verbose]

  --force            construire même si rien n’a changé depuis la dernière fois
  --verbose          montrer tout ce que dit la construction

\`sentinel up\` le fait de lui-même. Codes de sortie : 0 fait, 1 échec, 2 commande mal écrite
`,
  "cli.help.service": `sentinel service – un service du mode distribué dans son propre processus

Usage : sentinel service prober|incidents|gateway --nats URL --database URL [options de \`up\`]

Exemple :
  SENTINEL_NATS_URL=nats://nats:4222 SENTINEL_DATABASE_URL=postgres://… sentinel service prober

Codes de sortie : 0 arrêté comme demandé, 1 n’a pas pu démarrer ou continuer, 2 commande mal écrite
`,
  "cli.up.title": "Sentinel {version}",
  "cli.up.database_ready": "La base de données est prête ({seconds} s).",
  "cli.up.running": "Sentinel fonctionne : {url}   (gRPC {grpc}). Ctrl-C pour l’arrêter.",
  "cli.up.where": "Configuration : {config}   Données : {data}",
  "cli.up.config_problem": "La configuration n’est pas en vigueur. {at} : {path} : {message}",
  "cli.up.token": "Jeton d’accès, montré cette seule fois : {token}",
  "cli.up.stopping": "Arrêt…",
  "cli.up.starting_service": "Démarrage de {name}…",
  "cli.up.service_ended": "{name} s’est arrêté ; il est relancé.",
  "cli.log_sound":
    "{events} événements vérifiés en {seconds} s ({rate} événements/s). Chaîne, positions et têtes de chaque partition sont saines.",
  "cli.log_damaged":
    "Le journal est abîmé. Premier endroit : partition {part}, position {gpos}, flux {stream}. {problem} ({events} événements vérifiés avant lui.)",
  "cli.log_problem.gap": "L’événement de cette position manque.",
  "cli.log_problem.hash":
    "L’événement n’est pas celui qui fut écrit : son empreinte ne découle pas de lui et du précédent.",
  "cli.log_problem.head":
    "La tête de la partition ne correspond pas à son dernier événement : à la fin, des événements manquent ou ont été ajoutés.",
  "cli.log_problem.unreadable": "La base de données ne peut pas donner ce qu’elle contient à cet endroit.",
  "cli.log_exported": "{events} événements exportés dans {file}.",
  "cli.log_imported": "{events} événements importés et vérifiés.",
  "cli.check_ok": ({ file = "", monitors = "0", channels = "0" }) =>
    `${file} est juste : ${monitors} ${Number(monitors) < 2 ? "moniteur" : "moniteurs"}, ${channels} ${Number(channels) < 2 ? "canal" : "canaux"}.`,
  "cli.no_monitors_found": "Aucun moniteur n’est dans ce groupe avec cette étiquette. Tous : sentinel monitors",
  "cli.no_monitors": "Rien n’est encore surveillé. Ajoutez quelque chose : sentinel monitors add https://example.com",
  "cli.no_incidents": "Aucun incident jusqu’ici.",
  "cli.not_folded":
    "Rien n’est enregistré depuis {time} : la base ou le bus de messages sont peut-être injoignables, ou leur disque plein. Les résultats attendent et seront enregistrés plus tard.",
  "cli.no_kpis": "Aucun incident n’a commencé dans les {days} derniers jours.",
  "cli.kpis_total": "au total",
  "cli.kpis_parked":
    "Comptés en partie seulement : {streams} incidents dont un événement est inutilisable. Le journal de Sentinel les nomme.",
  "cli.no_parked_streams": "Aucun flux mis de côté : chaque événement a pu être utilisé.",
  "cli.stream_unparked": "Le flux {stream} continue : ce qui attendait a été appliqué.",
  "cli.stream_still_parked": "Le flux {stream} reste de côté : {reason}",
  "cli.no_maintenance":
    "Aucune fenêtre de maintenance. Pour en commencer une : sentinel maintenance start NOM --for 1h",
  "cli.maintenance_started":
    "La maintenance « {name} » a commencé et dure jusqu’à {until}. Moniteurs couverts : {covers}.",
  "cli.maintenance_planned": "La maintenance « {name} » commence à {from}. Moniteurs couverts : {covers}.",
  "cli.maintenance_ended": "La maintenance « {name} » est terminée. Ce qui échoue encore est vérifié maintenant.",
  "cli.maintenance_removed": "La fenêtre de maintenance « {name} » a été retirée.",
  "cli.maintenance.active": "en cours",
  "cli.maintenance.planned": "prévue",
  "cli.maintenance.over": "finie",
  "cli.column.starts": "DÉBUT",
  "cli.column.ends": "FIN",
  "cli.column.repeat": "RÉPÉTÉE",
  "cli.column.covers": "MONITEURS",
  "cli.column.group": "GROUPE",
  "cli.column.depends_on": "DÉPEND DE",
  "cli.column.suppressed_by": "EXPLIQUÉ PAR",
  "cli.column.budget": "BUDGET D’ERREUR RESTANT",
  "cli.no_dead_letters": "Aucun message écarté : tous ont pu être utilisés.",
  "cli.dead_letter_replayed": "Le message écarté nº {id} a été renvoyé.",
  "cli.dead_letter_discarded": "Le message écarté nº {id} a été supprimé.",
  "cli.no_open_incidents": "Aucun incident ouvert.",
  "cli.monitor_added": "{name} est désormais surveillé (identifiant {id}).",
  "cli.monitor_removed": "{name} n’est plus surveillé.",
  "cli.incident_acknowledged": "L’incident n° {id} est pris en compte.",
  "cli.incident_resolved": "L’incident n° {id} est résolu.",
  "cli.commented": "Le commentaire figure dans la chronologie de l’incident n° {id}.",
  "cli.notify_delivered": "{name} a pris le message d’essai en {took}.",
  "cli.notify_failed": "{name} n’a pas pris le message d’essai : {reason}",
  "cli.building": "Construction du tableau de bord… {seconds} s",
  "cli.built": "Le tableau de bord est dans {folder}.",
  "cli.column.now": "MAINTENANT",
  "cli.not_known_now": "inconnu : vu pour la dernière fois le {at}",
  "cli.timeline": "Chronologie",
  "cli.column.incidents": "INCIDENTS",
  "cli.column.auto_fixes": "AUTO-RÉPARÉS",
  "cli.column.downtime": "INDISPO.",
  "cli.column.mttd": "DÉTECTION",
  "cli.column.mtta": "PRISE EN CHARGE",
  "cli.column.mttr": "RÉSOLUTION",
  "cli.column.id": "ID",
  "cli.column.name": "NOM",
  "cli.column.status": "ÉTAT",
  "cli.column.severity": "GRAVITÉ",
  "cli.column.monitor": "MONITEUR",
  "cli.column.since": "DEPUIS",
  "cli.column.lasted": "DURÉE",
  "cli.column.issue": "PROBLÈME",
  "cli.column.cause": "CAUSE",
  "cli.column.todo": "À FAIRE",
  "cli.column.acting": "QUI AGIT",
  "cli.column.nature": "NATURE",
  "cli.column.resolved": "RÉSOLU",
  "cli.column.uptime": "DISPO. 24 H",
  "cli.column.uptime_30d": "DISPO. 30 J",
  "cli.column.uptime_1y": "DISPO. 1 AN",
  "cli.column.percentiles_30d": "P50 · P95 · P99 30 J",
  "cli.column.response": "RÉPONSE",
  "cli.column.every": "RYTHME",
  "cli.column.endpoint": "ADRESSE",
  "cli.column.checked": "MESURÉ",
  "cli.column.reason": "RAISON",
  "cli.column.repair": "RÉPARATION",
  "cli.column.incident": "INCIDENT",
  "cli.column.owner": "RESPONSABLE",
  "cli.column.tags": "ÉTIQUETTES",
  "cli.column.subject": "SUJET",
  "cli.column.bytes": "OCTETS",
  "cli.column.content": "CONTENU",
  "cli.column.projection": "MODÈLE",
  "cli.column.stream": "FLUX",
  "cli.column.version": "VERSION",
  "cli.column.skipped": "PASSÉS",
  "cli.column.source": "ORIGINE",
  "cli.monitor_status.unknown": "inconnu",
  "cli.monitor_status.healthy": "sain",
  "cli.monitor_status.degraded": "dégradé",
  "cli.monitor_status.down": "en panne",
  "cli.monitor_status.sleeping": "endormi",
  "cli.monitor_status.paused": "en pause",
  "cli.monitor_status.maintenance": "en maintenance",
  "cli.incident_status.open": "ouvert",
  "cli.incident_status.acknowledged": "pris en compte",
  "cli.incident_status.resolved": "résolu",
  "cli.severity.low": "faible",
  "cli.severity.medium": "moyenne",
  "cli.severity.high": "élevée",
  "cli.severity.critical": "critique",
  "cli.nature.technical": "technique",
  "cli.nature.business": "métier",
  "cli.nature.slo": "objectif",
  "cli.acting.sentinel": "Sentinel",
  "cli.acting.owner": "le responsable",
  "cli.acting.nobody": "personne",
} as const satisfies Catalogue;

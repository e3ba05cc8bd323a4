import type { Catalogue } from "../catalogue.ts";

export const imports = {
  "cli.help.import": `sentinel import – reprendre les moniteurs d’un autre programme

Usage : sentinel import SOURCE FICHIER… [--write sentinel.yaml]

  gatus FICHIER…        sa configuration YAML ; de plusieurs fichiers, les listes sont réunies
  blackbox FICHIER…     blackbox.yml avec la configuration de Prometheus et ses fichiers de cibles
  uptime-kuma FICHIER   sa base, kuma.db, qui est seulement lue
  uptimerobot FICHIER…  la réponse JSON de son API, ou son export CSV
  -w, --write FICHIER   y écrire les moniteurs ; un fichier existant est laissé tel quel (par défaut : la sortie standard)
  --lang en|fr          la langue

Exemples :
  sentinel import gatus config.yaml --write sentinel.yaml
  sentinel import blackbox blackbox.yml prometheus.yml targets.json > sentinel.yaml

La sortie d’erreur dit de chaque clé ce qu’elle devient : reprise, changée et comment, ou non reprise et pourquoi. Les secrets
ne sont jamais affichés : chacun devient une variable SENTINEL_SECRET_ dont le nom est donné, à définir là où tourne la sonde.
Codes de sortie : 0 au moins un moniteur, 1 aucun ou fichier illisible, 2 commande mal écrite
`,
  "import.mapped": "Repris ({count}) :",
  "import.changed": "Changés ({count}) :",
  "import.lost": "Non repris ({count}) :",
  "import.secrets": "Secrets à définir dans l’environnement de la sonde :",
  "import.done": "{monitors} moniteurs à partir de {entries} entrées.",
  "import.written": "{monitors} moniteurs à partir de {entries} entrées, écrits dans {file}.",
  "import.why.secret": "contient un secret ou une variable ; définissez {names}",
  "import.why.parameters_left_out": "des paramètres qui semblent secrets ont été retirés de l’adresse : {names}",
  "import.why.unknown_key": "inconnu de cet import",
  "import.why.refused": "le moniteur ne serait pas accepté. {problem}",
  "import.why.condition_unreadable": "la condition est illisible",
  "import.why.condition_connected": "un contrôle ne peut pas attendre l’absence de connexion",
  "import.why.condition_operator": "cette comparaison n’existe pas ici",
  "import.why.condition_json": "le JSON n’est examiné que dans les réponses HTTP",
  "import.why.condition_length": "la longueur d’une valeur ne peut pas être vérifiée",
  "import.why.condition_ip": "l’adresse contactée ne peut pas être vérifiée",
  "import.why.condition_unknown": "cette variable de condition est inconnue",
  "import.why.fails_closed": "échoue si ce nombre manque ; Gatus compte 0 et peut réussir",
  "import.why.whole_days": "arrondi au jour supérieur",
  "import.why.push_kind":
    "une cible qui s’annonce elle-même n’est pas un contrôle par adresse ; les battements se configurent à part",
  "import.why.suites": "les suites se réécrivent à la main en scénarios",
  "import.why.channels": "qui est prévenu se règle sous « notifications »",
  "import.why.other_program": "concerne l’autre programme, pas un moniteur",
  "import.why.maintenance": "les fenêtres de maintenance se configurent à part",
  "import.why.canaries": "Sentinel juge de lui-même s’il est en état",
  "import.why.tunnel": "il n’y a pas de tunnels SSH",
  "import.why.address_form": "écrit comme une adresse dont le schéma est le type de contrôle",
  "import.why.graphql": "la requête est envoyée en JSON",
  "import.why.kind_has_none": "ce type de contrôle n’a pas cette option",
  "import.why.resolver": "les noms sont résolus par les résolveurs du système",
  "import.why.client_files":
    "certificats et clés se donnent en texte, les clés comme secrets : ajoutez-les sous « tls »",
  "import.why.iap": "le proxy d’identité de Google n’est pas pris en charge",
  "import.why.proxy_credentials": "un proxy avec mot de passe ou variable dans son adresse n’est pas repris",
  "import.why.domain_endpoint": "un point de contrôle à part, qui interroge le registre ; indiquez le nom enregistré",
  "import.why.implied": "sans connexion, tout contrôle échoue",
  "import.why.usual_statuses": "seuls les statuts usuels de la plage sont listés, 20 au plus",
  "import.why.span_limits": "ramené dans les limites : intervalles de 1s à 1d, délais de 50ms à 60s",
  "import.why.one_threshold": "un seul seuil pour tous, le plus grand",
  "import.why.kind_unknown": "aucun type de contrôle ne correspond ({kind})",
  "import.why.no_probe_job": "ne passe pas par /probe de blackbox_exporter",
  "import.why.targets_file_missing": "donnez aussi le fichier de cibles sur la ligne de commande",
  "import.why.job_as_tag": "le job devient une étiquette",
  "import.why.relabelled": "la cible est l’adresse ; les autres règles ne sont pas appliquées",
  "import.why.discovery": "les cibles découvertes ne sont pas connues ici",
  "import.why.label_as_tag": "le label devient une étiquette",
  "import.why.module_missing": "le module {module} n’est pas dans les fichiers ; un 2xx en HTTP est attendu",
  "import.why.module_unused": "aucune cible n’utilise ce module",
  "import.why.either_family": "les deux familles sont essayées",
  "import.why.missing_header": "un en-tête absent est jugé autrement : vérifiez celui-ci",
  "import.why.secret_file": "mettez le contenu du fichier dans une variable SENTINEL_SECRET_ et nommez-la",
  "import.why.by_lines": "cherché dans tout ce qui est reçu, et non ligne par ligne",
  "import.why.capture_in_send": "ce qui a été reçu ne peut pas être renvoyé",
  "import.why.starttls_dialogue": "STARTTLS est une option qui nomme le protocole : ajoutez « starttls »",
  "import.why.first_rcode": "seul le premier code est attendu",
  "import.why.record_lines": "les enregistrements se comparent par valeur : ajoutez-les sous « dns.expect »",
  "import.why.history": "les résultats passés ne sont pas repris ({rows} lignes)",
  "import.why.proxies": "les proxys se nomment dans chaque moniteur : ajoutez « http.proxy »",
  "import.why.status_pages": "les pages d’état se configurent à part ({rows} lignes)",
  "import.why.other_table": "sans rapport avec les moniteurs ({rows} lignes)",
  "import.why.upside_down": "un contrôle ne peut pas attendre l’échec",
  "import.why.group": "son nom devient une étiquette de ses moniteurs",
  "import.why.bookkeeping": "donnée interne de l’autre programme",
  "import.why.not_json": "il est illisible",
  "import.why.certificate_warning": "dégradé quand il reste moins de 14 jours",
  "import.why.most_redirects": "10 au plus sont suivies",
  "import.why.auth_way": "ce mode d’authentification est inconnu",
  "import.why.jsonata": "JSONata au-delà des chemins simples est inconnu ; écrivez un JSONPath",
  "import.why.retries": "les nouvelles tentatives sont ici des échecs de suite, le premier compris",
  "import.why.group_as_tag": "le groupe devient une étiquette",
  "import.why.retry_interval": "les échecs sont confirmés sans intervalle propre",
  "import.why.no_description": "les moniteurs n’ont pas de description",
  "import.why.first_server": "seul le premier serveur est interrogé",
  "import.why.headers_apart": "chaque en-tête à part",
  "import.why.needs_body": "GET, car HEAD n’a pas de corps à examiner",
} satisfies Catalogue;

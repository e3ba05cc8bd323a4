import { aboutSubject, assertionSentence } from "../assertion-words.ts";
import type { Catalogue } from "../catalogue.ts";
import { formatDuration } from "../format.ts";
import { fill, orPlain } from "../sentence.ts";
import { assertionWords } from "./assertions.ts";

/** Why a round failed, was not judged or was not made; why a repair or a message failed; why a repair was not made. */
export const reasons = {
  "step.reason": "Étape « {step} » : {reason}",
  "reason.unknown": "La raison est inconnue.",
  "reason.bad_url": "L’adresse est illisible.",
  "reason.scheme_not_allowed": orPlain(
    "Les adresses « {scheme} » ne peuvent pas être vérifiées, seulement http et https.",
    "Seules les adresses http et https peuvent être vérifiées.",
  ),
  "reason.credentials_in_url": "L’adresse contient un nom d’utilisateur ou un mot de passe.",
  "reason.address_forbidden": orPlain(
    "Les règles de Sentinel lui interdisent de contacter {address}, où mène {host} : rien n’a été demandé à la cible.",
    "Les règles de Sentinel lui interdisent de contacter cette adresse : rien n’a été demandé à la cible.",
  ),
  "reason.address_metadata": orPlain(
    "{host} mène à {address}, un service de métadonnées du nuage, que Sentinel ne contacte jamais : rien ne lui a été demandé.",
    "Le nom mène à un service de métadonnées du nuage, que Sentinel ne contacte jamais : rien ne lui a été demandé.",
  ),

  "reason.dns_nxdomain": orPlain("Le nom {host} n’existe pas.", "Le nom n’existe pas."),
  "reason.dns_no_address": orPlain("Le nom {host} n’a pas d’adresse.", "Le nom n’a pas d’adresse."),
  "reason.dns_failed": orPlain("Le nom {host} n’a pas pu être résolu.", "Le nom n’a pas pu être résolu."),
  "reason.timeout_in_dns": orPlain(
    "La résolution du nom {host} a pris trop de temps.",
    "La résolution du nom a pris trop de temps.",
  ),

  "reason.connect_refused": orPlain(
    "{host} refuse les connexions sur le port {port}.",
    "L’hôte refuse les connexions.",
  ),
  "reason.connect_reset": orPlain(
    "{host} a rompu la connexion sur le port {port} pendant son établissement.",
    "La connexion a été rompue pendant son établissement.",
  ),
  "reason.connect_unreachable": orPlain(
    "Aucun chemin du réseau ne mène à {host}.",
    "Aucun chemin du réseau ne mène à l’hôte.",
  ),
  "reason.timeout_in_connect": orPlain(
    "{host} n’a pas accepté de connexion à temps sur le port {port}.",
    "L’hôte n’a pas accepté de connexion à temps.",
  ),

  "reason.tls_expired": orPlain("Le certificat de {host} a expiré.", "Le certificat a expiré."),
  "reason.tls_not_yet_valid": orPlain(
    "Le certificat de {host} n’est pas encore valable.",
    "Le certificat n’est pas encore valable.",
  ),
  "reason.tls_hostname": orPlain(
    "Le certificat n’a pas été émis pour {host}.",
    "Le certificat a été émis pour un autre nom.",
  ),
  "reason.tls_untrusted": orPlain(
    "Le certificat de {host} n’est pas digne de confiance.",
    "Le certificat n’est pas digne de confiance.",
  ),
  "reason.tls_self_signed": orPlain("Le certificat de {host} est auto-signé.", "Le certificat est auto-signé."),
  "reason.tls_wrong_version": orPlain(
    "{host} ne répond pas en TLS sur ce port.",
    "L’hôte ne répond pas en TLS sur ce port.",
  ),
  "reason.tls_handshake": orPlain(
    "La connexion sécurisée avec {host} n’a pas pu être négociée.",
    "La connexion sécurisée n’a pas pu être négociée.",
  ),
  "reason.timeout_in_tls": orPlain(
    "La négociation de la connexion sécurisée avec {host} a pris trop de temps.",
    "La négociation de la connexion sécurisée a pris trop de temps.",
  ),

  "reason.empty_reply": "La connexion a été fermée sans réponse.",
  "reason.reset": "La connexion a été rompue pendant la réponse.",
  "reason.truncated": "La réponse s’est arrêtée avant la fin.",
  "reason.protocol": "La réponse ne respecte pas son protocole.",
  "reason.headers_too_large": "Les en-têtes de la réponse sont trop volumineux.",
  "reason.timeout_in_first_byte": "La connexion est établie, mais aucune réponse n’a commencé à temps.",
  "reason.timeout_in_transfer": "La réponse a commencé mais ne s’est pas achevée à temps.",
  "reason.body_too_large": orPlain("La réponse dépasse {limitBytes} octets.", "La réponse est trop volumineuse."),
  "reason.decompression_bomb": orPlain(
    "La réponse grossit de plus de {ratio} fois à la décompression.",
    "La réponse grossit démesurément à la décompression.",
  ),
  "reason.redirect_loop": orPlain("Les redirections ramènent à {url}.", "Les redirections tournent en rond."),
  "reason.too_many_redirects": orPlain(
    "L’adresse redirige plus de {limit} fois.",
    "L’adresse redirige un trop grand nombre de fois.",
  ),

  "reason.status": orPlain(
    "La réponse portait le statut {actual} au lieu de {expected}.",
    "La réponse ne portait pas le statut attendu.",
  ),
  "reason.body_mismatch": orPlain("La page ne contient pas « {expected} ».", "Le texte attendu manque dans la page."),
  "reason.slow": (params, locale) =>
    params["latencyMs"] === undefined || params["limitMs"] === undefined
      ? "La réponse a pris plus de temps que permis."
      : fill("La réponse a pris {latency} ; la limite est de {limit}.", {
          latency: formatDuration(locale, Number(params["latencyMs"])),
          limit: formatDuration(locale, Number(params["limitMs"])),
        }),

  "reason.slower_than_usual": (params, locale) =>
    params["latencyMs"] === undefined || params["usualMs"] === undefined
      ? "La réponse a pris bien plus de temps que d’habitude."
      : fill("La réponse a pris {latency} ; d’habitude, 95 sur 100 prennent au plus {usual}.", {
          latency: formatDuration(locale, Number(params["latencyMs"])),
          usual: formatDuration(locale, Number(params["usualMs"])),
        }),

  "reason.assertion": assertionSentence(assertionWords, "differs", "La réponse ne remplit pas ce qu’on attend d’elle."),
  "reason.assertion_nothing": assertionSentence(
    assertionWords,
    "missing",
    "Ce qu’on attend de la réponse n’y est pas.",
  ),
  "reason.not_json": aboutSubject(
    assertionWords,
    "{subject} est illisible : la réponse n’est pas du JSON.",
    "La réponse n’est pas du JSON.",
  ),
  "reason.assertion_too_costly": aboutSubject(
    assertionWords,
    "{subject} ne se juge pas dans la limite : la réponse est trop grande ou trop profonde pour cela.",
    "Une assertion ne se juge pas dans sa limite : la réponse est trop grande ou trop profonde pour elle.",
  ),
  "reason.answer_mismatch": orPlain(
    "La réponse « {actual} » ne convient pas à « {expected} ».",
    "La réponse n’est pas celle attendue.",
  ),
  "reason.starttls_refused": orPlain(
    "{host} n’a pas voulu commencer TLS : « {actual} ».",
    "L’hôte n’a pas voulu commencer TLS.",
  ),
  "reason.wrong_protocol": orPlain(
    "{host} ne parle pas {protocol} sur le port {port} : la réponse est « {actual} ».",
    "Ce qui répond là parle un autre protocole.",
  ),
  "reason.auth_required": orPlain(
    "{host} exige une identification, et le moniteur n’a pas de mot de passe pour cela : « {actual} ».",
    "Le serveur exige un mot de passe, et le moniteur n’en a pas.",
  ),
  "reason.auth_refused": orPlain(
    "{host} refuse l’identification du moniteur : « {actual} ».",
    "Le serveur refuse l’identification du moniteur.",
  ),
  "reason.server_loading": orPlain(
    "{host} est encore en train de démarrer, ou de s’arrêter : « {actual} ».",
    "Le serveur est encore en train de démarrer, ou de s’arrêter.",
  ),
  "reason.too_many_connections": orPlain(
    "{host} n’a plus de connexion libre : « {actual} ».",
    "Le serveur n’a plus de connexion libre.",
  ),
  "reason.command_failed": orPlain("{host} répond par une erreur : « {actual} ».", "Le serveur répond par une erreur."),
  "reason.database_missing": orPlain(
    "{host} n’a pas cette base de données : « {actual} ».",
    "La base de données n’existe pas sur ce serveur.",
  ),
  "reason.query_failed": orPlain("La requête a échoué avec {code} : « {actual} ».", "La requête a échoué."),
  "reason.query_timeout": orPlain(
    "La requête a duré plus de {limitMs} ms et le serveur l’a arrêtée.",
    "La requête a duré trop longtemps et le serveur l’a arrêtée.",
  ),
  "reason.rows_cut": orPlain(
    "La requête donne plus de {maxRows} lignes ; augmentez « maxRows » pour en faire compter davantage.",
    "La requête donne plus de lignes qu’il n’en est compté.",
  ),
  "reason.query_read_only": orPlain(
    "La requête veut modifier des données, ce qu’une vérification ne peut pas : « {actual} ».",
    "La requête veut modifier des données, ce qu’une vérification ne peut pas.",
  ),
  "reason.no_data": orPlain("La requête « {query} » ne trouve aucune série.", "La requête ne trouve aucune série."),
  "reason.jetstream_disabled": orPlain(
    "{host} répond, mais JetStream y est désactivé pour ce compte : « {actual} ».",
    "Le serveur répond, mais JetStream y est désactivé pour ce compte.",
  ),
  "reason.grpc_not_serving": orPlain(
    "{host} dit que le service {service} est {actual}.",
    "Le service dit qu’il ne sert pas.",
  ),
  "reason.grpc_service_unknown": orPlain(
    "{host} ne connaît pas le service {service}.",
    "Le serveur ne connaît pas ce service.",
  ),
  "reason.grpc_no_health": orPlain(
    "{host} parle gRPC mais n’offre pas le service de santé standard.",
    "Le serveur n’offre pas le service de santé standard de gRPC.",
  ),
  "reason.grpc_status": orPlain(
    "{host} répond par le statut gRPC {code} : « {actual} ».",
    "Le serveur répond par une erreur gRPC.",
  ),
  "reason.subprotocol_refused": orPlain(
    "{host} n’a accepté aucun de ces sous-protocoles : {expected}.",
    "Le serveur n’a accepté aucun des sous-protocoles.",
  ),
  "reason.closed_early": orPlain(
    "{host} a clos la conversation avec le code {code} avant la réponse : « {actual} ».",
    "La conversation a été close avant la réponse.",
  ),
  "reason.capture_missing": orPlain(
    "Rien dans la réponse à garder comme {name} : « {where} » n’y est pas.",
    "Ce qui devait être gardé de la réponse n’y est pas.",
  ),
  "reason.token_failed": orPlain(
    "{host} n’a pas donné de jeton d’accès ({cause}).",
    "Aucun jeton d’accès n’a pu être obtenu.",
  ),
  "reason.proxy_unreachable": orPlain(
    "Le mandataire {proxy} est injoignable ({cause}).",
    "Le mandataire est injoignable.",
  ),
  "reason.proxy_refused": orPlain(
    "Le mandataire {proxy} n’a pas établi la connexion : « {actual} ».",
    "Le mandataire n’a pas établi la connexion.",
  ),
  "reason.http2_not_offered": orPlain("{host} ne propose pas HTTP/2.", "L’hôte ne propose pas HTTP/2."),
  "reason.secret_missing": orPlain(
    "Le secret {name}, dont le moniteur a besoin, n’est pas défini là où Sentinel tourne.",
    "Un secret dont le moniteur a besoin n’est pas défini là où Sentinel tourne.",
  ),

  "reason.timeout_no_answer": orPlain("{host} n’a pas répondu à temps.", "Aucune réponse n’est venue à temps."),
  "reason.tls_old_version": orPlain(
    "{host} n’offre que des versions de TLS plus anciennes que ce que cette vérification accepte.",
    "Seules des versions trop anciennes de TLS sont offertes.",
  ),
  "reason.tls_cipher": orPlain(
    "{host} a choisi la suite de chiffrement {actual}, qui n’est pas parmi celles acceptées : {expected}.",
    "Une autre suite de chiffrement que celles acceptées a été choisie.",
  ),
  "reason.certificate_expires_soon": orPlain(
    "Le certificat de {subject} expire le {certificateExpiredOn}, dans moins de {limitDays} jours.",
    "Le certificat expire bientôt.",
  ),
  "reason.dns_rcode": orPlain(
    "{host} a répondu {actual} au lieu de {expected}.",
    "Le serveur de noms a répondu avec un autre code que celui attendu.",
  ),
  "reason.dns_no_records": orPlain(
    "Le nom {name} n’a pas d’enregistrement {type}.",
    "Le nom n’a pas d’enregistrement du type demandé.",
  ),
  "reason.dns_flag": orPlain(
    "La réponse sur {name} ne porte pas {expected} ; elle porte « {actual} ».",
    "Il manque à la réponse un indicateur qu’elle devrait porter.",
  ),
  "reason.dns_message": orPlain(
    "Ce que {host} a envoyé n’est pas un message DNS lisible.",
    "La réponse n’est pas un message DNS lisible.",
  ),
  "reason.resolver_unusable": orPlain(
    "Le résolveur du système ne peut pas être interrogé d’ici ; nommez un serveur dans l’adresse, comme dns://1.1.1.1/{name}.",
    "Le résolveur du système ne peut pas être interrogé d’ici ; nommez un serveur dans l’adresse.",
  ),
  "reason.ping_unreachable": orPlain(
    "{from} dit que {host} est injoignable : {detail}.",
    "Le réseau dit que l’hôte est injoignable.",
  ),
  "reason.ping_ttl_exceeded": orPlain(
    "Le chemin vers {host} est trop long ou tourne en rond ; le paquet s’est perdu chez {from}.",
    "Le chemin vers l’hôte est trop long ou tourne en rond.",
  ),
  "reason.ping_missing": "Il n’y a pas de programme ping là où Sentinel tourne ; installez le paquet iputils-ping.",
  "reason.ping_not_allowed": orPlain(
    "Le programme ping n’a pas le droit d’ouvrir sa socket là où Sentinel tourne ({detail}) ; autorisez-le par net.ipv4.ping_group_range ou par la capacité NET_RAW.",
    "Le programme ping n’a pas le droit d’ouvrir sa socket là où Sentinel tourne ; autorisez-le par net.ipv4.ping_group_range ou par la capacité NET_RAW.",
  ),
  "reason.ping_failed": orPlain("Le programme ping a échoué : {detail}.", "Le programme ping a échoué."),
  "reason.domain_expires_soon": orPlain(
    "Le domaine {domain} expire le {expiresOn}, dans moins de {limitDays} jours.",
    "Le domaine expire bientôt.",
  ),
  "reason.domain_expired": orPlain("Le domaine {domain} a expiré le {expiresOn}.", "Le domaine a expiré."),
  "reason.domain_not_registered": orPlain(
    "Le registre ne connaît pas de domaine {domain} ; l’adresse doit porter le nom enregistré, sans ses sous-domaines.",
    "Le registre ne connaît pas le domaine.",
  ),
  "reason.domain_withdrawn": orPlain(
    "Le registre a mis {domain} hors service : son statut est « {status} ».",
    "Le registre a mis le domaine hors service.",
  ),
  "reason.domain_no_expiry": orPlain(
    "Le registre ne dit pas quand {domain} expire.",
    "Le registre ne dit pas quand le domaine expire.",
  ),
  "reason.rdap_unsupported": orPlain(
    "Aucun registre ne renseigne sur {domain} par RDAP.",
    "Aucun registre ne renseigne sur ce domaine par RDAP.",
  ),
  "reason.rdap_limited": orPlain(
    "{server} ne répond plus aux questions pour le moment ; il sera interrogé plus tard.",
    "Le registre ne répond plus aux questions pour le moment ; il sera interrogé plus tard.",
  ),
  "reason.rdap_failed": orPlain(
    "{server} n’a pas pu renseigner sur {domain} ({detail}) ; il sera interrogé plus tard.",
    "Le registre n’a pas pu renseigner sur le domaine ; il sera interrogé plus tard.",
  ),
  "reason.page_text_missing": orPlain(
    "« {expected} » n’est pas sur la page ; on y lit « {actual} ».",
    "Le texte attendu n’est pas sur la page.",
  ),
  "reason.page_element_missing": orPlain(
    "Rien sur la page ne correspond à « {selector} ».",
    "Ce que cherche l’étape n’est pas sur la page.",
  ),
  "reason.page_element_unusable": orPlain(
    "« {selector} » est sur la page mais ne peut pas être utilisé : {detail}.",
    "Ce que cherche l’étape est sur la page mais ne peut pas être utilisé.",
  ),
  "reason.page_element_visible": orPlain(
    "« {selector} » est toujours visible sur la page.",
    "Ce qui devait disparaître est toujours visible sur la page.",
  ),
  "reason.page_selector": orPlain(
    "« {selector} » ne peut pas être lu comme un sélecteur : {detail}.",
    "Le sélecteur de l’étape ne peut pas être lu.",
  ),
  "reason.page_url": orPlain(
    "La page est à l’adresse {actual}, alors qu’une adresse contenant « {expected} » était attendue.",
    "La page n’a pas l’adresse attendue.",
  ),
  "reason.page_script": orPlain("Le script de l’étape a échoué : {detail}.", "Le script de l’étape a échoué."),
  "reason.page_script_late": "Le script de l’étape ne s’est pas terminé à temps.",
  "reason.page_dialogs": orPlain(
    "La page ouvre des boîtes de dialogue sans fin : {count} ont été fermées.",
    "La page ouvre des boîtes de dialogue sans fin.",
  ),
  "reason.page_hangs": "La page ne réagit plus : un de ses scripts ne se termine pas.",
  "reason.page_crashed": "La page a fait tomber le processus du navigateur, le plus souvent par manque de mémoire.",
  "reason.page_download": "L’adresse donne un fichier à télécharger, pas une page.",
  "reason.page_not_opened": orPlain(
    "Le navigateur n’a pas pu afficher {url} : {detail}.",
    "Le navigateur n’a pas pu afficher la page.",
  ),
  "reason.browser_missing":
    "Il n’y a pas de navigateur là où tourne Sentinel ; installez le paquet chromium, ou indiquez un navigateur dans SENTINEL_BROWSER.",
  "reason.browser_failed": orPlain("Le navigateur n’a pas démarré : {detail}.", "Le navigateur n’a pas démarré."),
  "reason.browser_busy": orPlain(
    "Les {limit} navigateurs de Sentinel étaient tous occupés par d’autres parcours ; espacez davantage les vérifications.",
    "Tous les navigateurs de Sentinel étaient occupés par d’autres parcours.",
  ),

  "reason.heartbeat_missed": (params) =>
    params["expectedBy"] === undefined
      ? "La tâche n’a pas appelé à temps."
      : params["lastPing"] === undefined
        ? fill("La tâche n’a jamais appelé ; elle était attendue avant le {expectedBy}.", params)
        : fill("La tâche n’a pas appelé avant le {expectedBy} ; son dernier appel date du {lastPing}.", params),
  "reason.heartbeat_failed": (params) =>
    params["exitCode"] === undefined
      ? fill(
          params["failedAt"] === undefined
            ? "La tâche dit avoir échoué."
            : "La tâche a dit le {failedAt} avoir échoué.",
          params,
        )
      : fill("La tâche s’est terminée avec le code {exitCode} le {failedAt}.", params),
  "reason.heartbeat_overrun": orPlain(
    "La tâche a commencé le {startedAt} et n’avait pas abouti le {expectedBy}.",
    "La tâche a commencé et n’a pas abouti à temps.",
  ),
  "reason.heartbeat_awaited": orPlain(
    "La tâche n’a pas encore abouti ; elle est attendue avant le {expectedBy}.",
    "La tâche n’a pas encore abouti.",
  ),
  "reason.heartbeat_unheard": orPlain(
    "Sentinel n’a pu prendre aucun appel du {from} au {until}, quand la tâche était attendue ; son prochain appel le dira.",
    "Sentinel n’a pu prendre aucun appel quand la tâche était attendue ; son prochain appel le dira.",
  ),
  "reason.heartbeat_unasked": "Sentinel n’a pas pu lire ce que la tâche a dit.",

  "reason.prober_overloaded": "La machine de Sentinel était trop occupée pour juger la réponse.",
  "reason.check_broke": orPlain(
    "La vérification elle-même a échoué, par un défaut de Sentinel : {error} ({at}).",
    "La vérification elle-même a échoué, par un défaut de Sentinel.",
  ),
  "reason.prober_ports": "La machine de Sentinel n’a plus de port local libre pour se connecter.",
  "reason.prober_descriptors":
    "Le processus de Sentinel a autant de fichiers et de connexions ouverts qu’il en a le droit.",
  "reason.prober_memory": "La machine de Sentinel n’a plus de mémoire pour une connexion de plus.",
  "reason.prober_forbidden": "Une règle de la machine de Sentinel interdit la connexion.",
  "reason.prober_no_route": "La machine de Sentinel n’a aucun chemin vers ce genre d’adresse.",
  "reason.prober_resolver": "Le résolveur de Sentinel ne répond pas, pas plus pour d’autres noms.",
  "reason.prober_resolver_lies": "Le résolveur de Sentinel donne de fausses réponses, pour d’autres noms aussi.",
  "reason.prober_blocked": "Le processus de Sentinel est resté figé pendant la vérification.",
  "reason.prober_canary": "Sentinel n’a pas même pu se joindre lui-même à ce moment-là.",
  "reason.prober_cut_off": "Sentinel n’a pu joindre personne à ce moment-là : sa propre connexion semble coupée.",
  "reason.prober_clock": "L’horloge de la machine de Sentinel semble fausse.",
  "reason.late": "La machine de Sentinel était trop occupée pour vérifier à temps.",
  "reason.clock_jumped": "L’horloge de la machine de Sentinel a été avancée, ou la machine était en veille.",
  "reason.still_running": "La vérification précédente était encore en cours.",
  "reason.prober_lost": "La sonde chargée de ce créneau avait disparu.",
  "reason.prober_stopped": "Sentinel ne tournait pas.",
  "reason.not_watched": "Personne n’a vérifié ceci récemment : il n’y a pas de preuve fraîche.",
  "reason.broker_away": "Le bus de messages est injoignable, si bien qu’aucun résultat n’arrive.",
  "reason.no_prober": "Aucune sonde ne surveille ceci.",
  "reason.prober_gone": "La sonde qui surveillait ceci a disparu.",
  "reason.not_assigned": "Aucune des sondes ne surveille ceci.",
  "reason.prober_silent": "La sonde qui surveillait ceci n’envoie plus rien à ce sujet.",
  "reason.not_judged": "La sonde n’a pas pu juger ce qu’elle vérifie.",
  "reason.broker_forgot": "Le bus de messages a perdu des messages qu’il avait acceptés.",
  "reason.spool_full":
    "La file d’attente de Sentinel était pleine : les résultats les plus anciens ont été abandonnés.",
  "reason.result_too_large": "Ce qui a été vu est trop volumineux pour être conservé.",

  "reason.not_verified": "La vérification faite après la réparation a encore échoué.",
  "reason.outcome_unknown":
    "Sentinel a été interrompu pendant la réparation, et la vérification suivante a encore échoué.",
  "reason.incident_closed": "L’incident a été clos avant la fin de la réparation.",
  "reason.interrupted": "Sentinel a été arrêté en cours de route.",
  "reason.deadline_passed": "Le délai accordé est écoulé.",
  "reason.smtp_refused": orPlain(
    "Le serveur de courrier a refusé le message avec le code {status}.",
    "Le serveur de courrier a refusé le message.",
  ),
  "reason.smtp_no_tls": "Le serveur de courrier n’offre pas le chiffrement que ce canal exige.",
  "reason.http_status": orPlain(
    "Le destinataire a répondu par le statut {status}.",
    "Le destinataire a répondu par une erreur.",
  ),
  "reason.not_configured": "Ce canal de notification n’est plus dans la configuration.",

  "dead_letter.not_a_check_result": "Ce n’est pas un résultat de vérification lisible ou enregistrable.",
  "dead_letter.wrong_partition": "Son sujet désigne une autre partition que celle de sa surveillance.",
  "dead_letter.slot_out_of_range":
    "Il est daté de plus d’un jour dans le futur ou de plus de 31 jours dans le passé ; vérifiez les horloges.",
  "dead_letter.bus_message_too_large": "Il est plus volumineux que ce que le bus de messages accepte.",
  "dead_letter.bus_subject_invalid": "Son sujet n’est pas valide sur le bus de messages.",
  "dead_letter.bus_subject_unknown": "Aucun flux du bus de messages n’accepte son sujet.",

  "withheld.off": "Les réparations sont désactivées pour ce moniteur.",
  "withheld.observe": "Ce moniteur est seulement observé.",
  "withheld.dry_run": "Ce moniteur est à l’essai : les réparations sont notées, pas effectuées.",
  "withheld.cooldown": (params, locale) =>
    params["readyInMs"] === undefined
      ? "La dernière réparation est trop récente."
      : fill("La dernière réparation est trop récente ; la prochaine sera possible dans {wait}.", {
          wait: formatDuration(locale, Number(params["readyInMs"])),
        }),
  "withheld.hourly_cap": orPlain(
    "La limite de réparations de ce moniteur est atteinte ({cap} par heure).",
    "La limite horaire de réparations de ce moniteur est atteinte.",
  ),
  "withheld.global_cap": orPlain(
    "La limite de réparations de tous les moniteurs est atteinte ({cap} par heure).",
    "La limite horaire de réparations de tous les moniteurs est atteinte.",
  ),
  "withheld.one_at_a_time": "Une autre réparation de ce moniteur est encore en cours.",
  "withheld.not_applicable": "Aucune réparation que Sentinel sait faire n’aiderait ici.",
} as const satisfies Catalogue;

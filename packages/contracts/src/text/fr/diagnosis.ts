import type { Catalogue } from "../catalogue.ts";
import { formatDuration } from "../format.ts";
import { fill, fillOrPlain as text, lostSight, orPlain } from "../sentence.ts";

/** Issues are titles, without a full stop; causes and recommendations are sentences. */
export const diagnosis = {
  "issue.journey_broken": orPlain("Le parcours sur {host} s’arrête à « {step} »", "Le parcours des pages s’arrête"),
  "issue.sleeping": orPlain("{host} semble endormi", "L’hôte semble endormi"),
  "issue.unreachable": orPlain("{host} est injoignable sur le port {port}", "L’hôte est injoignable"),
  "issue.broken_answer": orPlain("{host} interrompt ses réponses", "Les réponses sont interrompues"),
  "issue.name_not_found": orPlain("Le nom {host} ne mène nulle part", "Le nom ne mène nulle part"),
  "issue.name_not_resolved": orPlain("Le nom {host} ne peut pas être résolu", "Le nom ne peut pas être résolu"),
  "issue.certificate_invalid": orPlain("Le certificat de {host} n’est pas valable", "Le certificat n’est pas valable"),
  "issue.no_token": "Le moniteur n’obtient pas de jeton d’accès",
  "issue.proxy_in_the_way": "La vérification ne passe pas son mandataire",
  "issue.http2_missing": orPlain("{host} ne parle pas HTTP/2", "HTTP/2 n’est pas parlé"),
  "issue.tls_broken": orPlain(
    "Aucune connexion sécurisée n’est possible avec {host}",
    "Aucune connexion sécurisée n’est possible",
  ),
  "issue.not_http": orPlain("{host} ne parle pas HTTP sur le port {port}", "L’hôte ne parle pas HTTP"),
  "issue.no_answer": orPlain(
    "{host} accepte les connexions mais ne répond pas",
    "Les connexions s’ouvrent, mais aucune réponse ne vient",
  ),
  "issue.oversized_answer": orPlain("{host} envoie une réponse trop volumineuse", "La réponse est trop volumineuse"),
  "issue.redirects_wrong": orPlain("{host} redirige sans fin", "Les redirections ne finissent pas"),
  "issue.server_error": orPlain("{host} répond par l’erreur {status}", "Le serveur répond par une erreur"),
  "issue.unavailable": orPlain("{host} est indisponible (statut {status})", "Le service est indisponible"),
  "issue.access_refused": orPlain("{host} refuse l’accès (statut {status})", "L’accès est refusé"),
  "issue.page_missing": orPlain("La page manque sur {host} (statut {status})", "La page manque"),
  "issue.rate_limited": orPlain("{host} refuse autant de requêtes", "Trop de requêtes : le serveur refuse"),
  "issue.unexpected_status": orPlain("{host} répond par le statut {actual} au lieu de {expected}", "Statut inattendu"),
  "issue.unexpected_content": (params) =>
    (params["subject"] ?? "") === ""
      ? text(params, "« {expected} » manque dans la page de {host}", "Le texte attendu manque dans la page")
      : text(
          params,
          "La réponse de {host} n’est pas celle qui est attendue",
          "La réponse n’est pas celle qui est attendue",
        ),
  "issue.address_not_allowed": orPlain(
    "{host} ne peut pas être contacté d’ici",
    "L’adresse ne peut pas être contactée",
  ),
  "issue.slow": (params, locale) =>
    params["host"] === undefined || params["latencyMs"] === undefined
      ? "La réponse est lente"
      : fill("{host} est lent : {latency} pour répondre", {
          host: params["host"],
          latency: formatDuration(locale, Number(params["latencyMs"])),
        }),
  "issue.coverage": (params) =>
    params["count"] === undefined
      ? "Des moniteurs ne sont plus surveillés"
      : params["count"] === "1"
        ? fill("1 moniteur n’est plus surveillé : {monitors}", params)
        : fill("{count} moniteurs ne sont plus surveillés : {monitors}", params),
  "issue.broker_forgot": "Le bus de messages a perdu des messages",
  "issue.wrong_service": orPlain("{host} ne parle pas le protocole attendu", "Un autre service répond"),
  "issue.sign_in_refused": orPlain(
    "{host} ne laisse pas la vérification s’identifier",
    "La vérification ne peut pas s’identifier",
  ),
  "issue.not_ready": orPlain("{host} n’est pas prêt", "Le serveur n’est pas prêt"),
  "issue.connections_exhausted": orPlain("{host} n’accepte plus de connexions", "Plus aucune connexion n’est acceptée"),
  "issue.query_fails": orPlain("La requête sur {host} échoue", "La requête échoue"),
  "issue.service_not_serving": orPlain("Un service de {host} ne sert pas", "Un service ne sert pas"),
  "issue.feature_missing": orPlain(
    "Il manque à {host} ce que demande la vérification",
    "Il manque ce que demande la vérification",
  ),
  "issue.certificate_ending": orPlain("Le certificat de {host} se termine bientôt", "Le certificat se termine bientôt"),
  "issue.tls_weak": orPlain(
    "{host} sécurise trop faiblement ses connexions",
    "Les connexions sont trop faiblement sécurisées",
  ),
  "issue.silent": orPlain("{host} ne répond pas", "Aucune réponse ne revient"),
  "issue.records_wrong": orPlain(
    "La réponse DNS sur {name} n’est pas celle attendue",
    "La réponse DNS n’est pas celle attendue",
  ),
  "issue.domain_ending": orPlain("Le domaine {domain} expire bientôt", "Le domaine expire bientôt"),
  "issue.domain_lost": orPlain("Le domaine {domain} n’est plus en service", "Le domaine n’est plus en service"),
  "issue.job_silent": orPlain("{monitor} n’a pas appelé à temps", "La tâche n’a pas appelé à temps"),
  "issue.job_failed": orPlain("{monitor} dit avoir échoué", "La tâche dit avoir échoué"),
  "issue.job_overran": orPlain(
    "{monitor} a commencé et n’a pas fini à temps",
    "La tâche a commencé et n’a pas fini à temps",
  ),
  "issue.failing": orPlain("{host} échoue à ses vérifications", "Les vérifications échouent"),

  "cause.step_or_page_changed":
    "L’étape du moniteur ne convient plus à la page, ou la page ne fait plus ce que l’étape vérifie.",
  "cause.page_script_fails":
    "Un script de la page échoue ou ne finit jamais, si bien que personne ne peut y continuer.",
  "cause.page_changed":
    "La page n’est plus la même : un autre texte, un autre chemin, ou elle n’a pas été livrée en entier.",
  "cause.sleeps_when_idle":
    "L’hébergeur endort le service quand personne ne l’utilise ; le premier visiteur attend son réveil.",
  "cause.broker_away": lostSight(
    "Le bus de messages est injoignable depuis {since}, si bien qu’aucun résultat n’arrive ; les sondes gardent les leurs jusqu’à son retour.",
    "Le bus de messages est injoignable, si bien qu’aucun résultat n’arrive ; les sondes gardent les leurs jusqu’à son retour.",
  ),
  "cause.no_prober": lostSight(
    "Aucune sonde ne les surveille : aucune n’a envoyé de résultat, et aucune ne tourne. Vus la dernière fois à {since}.",
    "Aucune sonde ne les surveille : aucune n’a envoyé de résultat, et aucune ne tourne.",
  ),
  "cause.prober_gone": lostSight(
    "La sonde {prober} de la région {region} a disparu : elle a été arrêtée, tuée ou coupée du réseau. Rien n’est venu depuis {since}.",
    "La sonde qui les surveillait a disparu : elle a été arrêtée, tuée ou coupée du réseau.",
  ),
  "cause.prober_silent": lostSight(
    "La sonde {prober} de la région {region} n’a rien envoyé à leur sujet depuis {since}.",
    "La sonde qui les surveillait n’envoie plus rien à leur sujet.",
  ),
  "cause.not_assigned": lostSight(
    "Aucune des sondes présentes ({prober}) ne les surveille. Vus la dernière fois à {since}.",
    "Aucune des sondes présentes ne les surveille.",
  ),
  "cause.not_judged": lostSight(
    "La sonde {prober} de la région {region} n’a pas pu les juger depuis {since} ; sa raison est {why}.",
    "La sonde envoie des résultats mais ne peut pas juger ce qu’elle vérifie.",
  ),
  "cause.broker_lost_messages":
    "Le flux des résultats a été recréé ou a perdu ses derniers messages ; ce qui n’était pas enregistré est renvoyé.",
  "cause.job_did_not_run":
    "La tâche n’a pas tourné, est bloquée ou s’est terminée avant son appel : son planificateur est arrêté, sa machine est éteinte, ou l’adresse qu’elle appelle est fausse.",
  "cause.job_reported_failure":
    "La tâche a tourné et s’est terminée par une erreur ; ses dernières lignes sont dans les preuves.",
  "cause.job_hangs": "La tâche est bloquée, dure plus longtemps qu’avant, ou a été tuée avant de pouvoir dire sa fin.",
  "cause.crashed_or_not_started":
    "Rien n’écoute à cet endroit : le processus a planté, est arrêté ou n’a jamais démarré.",
  "cause.firewall_or_overload":
    "Personne ne répond : un pare-feu jette les paquets, ou la machine est éteinte ou surchargée.",
  "cause.no_route":
    "Le réseau n’a pas de chemin vers cette machine : elle est éteinte, ou une route, un tunnel ou une carte réseau est en panne.",
  "cause.crashes_during_request": "Le processus semble planter pendant la requête, ou un proxy lui coupe la parole.",
  "cause.record_or_domain_gone": "L’enregistrement DNS a disparu, le domaine a expiré ou le nom est mal écrit.",
  "cause.record_without_address": "Le nom existe mais n’a d’adresse ni IPv4 ni IPv6.",
  "cause.resolver_failing": "Les serveurs de noms ne répondent pas, ou répondent par une erreur.",
  "cause.certificate_expired": orPlain(
    "Le certificat a expiré le {certificateExpiredOn} ; son renouvellement n’a pas eu lieu ou n’a pas été chargé.",
    "Le certificat a expiré ; son renouvellement n’a pas eu lieu ou n’a pas été chargé.",
  ),
  "cause.certificate_not_yet_valid":
    "Le certificat commence dans le futur : une horloge est fausse, ou il a été installé trop tôt.",
  "cause.certificate_for_other_name": orPlain(
    "Le serveur présente un certificat fait pour un autre nom que {host}.",
    "Le serveur présente un certificat fait pour un autre nom.",
  ),
  "cause.certificate_not_trusted":
    "Le certificat est auto-signé, son émetteur est inconnu, ou un certificat intermédiaire manque.",
  "cause.token_server_fails": "Le serveur de jetons d’accès est arrêté, ou répond autrement qu’avant.",
  "cause.proxy_fails": "Le mandataire que le moniteur doit utiliser est arrêté, ou ne laisse pas passer cette adresse.",
  "cause.http2_switched_off": "HTTP/2 est désactivé, ou un intermédiaire devant le serveur ne parle que HTTP/1.1.",
  "cause.handshake_fails":
    "Les deux côtés ne s’accordent sur aucune version ni aucun chiffrement, ou le serveur est trop occupé pour finir.",
  "cause.plain_http_on_https": "Le port répond en clair alors que l’adresse dit https.",
  "cause.other_protocol": "Un autre service qu’un serveur web écoute sur ce port.",
  "cause.hangs_or_starts": "L’application est bloquée, attend ce dont elle dépend, ou démarre encore.",
  "cause.answer_cut": "L’application, ou un proxy placé devant elle, s’est arrêtée au milieu de la réponse.",
  "cause.headers_too_large": "Le serveur envoie des en-têtes trop nombreux ou trop gros, le plus souvent des cookies.",
  "cause.body_too_large": "La page surveillée est plus grande que ce qu’une vérification lit.",
  "cause.redirect_loop": "Deux règles se renvoient les visiteurs, comme http et https, ou avec et sans www.",
  "cause.too_many_redirects": "L’adresse surveillée ne mène à sa page qu’en trop d’étapes.",
  "cause.code_or_configuration": "L’application a échoué d’elle-même : une faute dans le code, ou un réglage manquant.",
  "cause.upstream_down_or_full":
    "Le proxy répond, mais l’application derrière lui est arrêtée, démarre ou est à sa limite.",
  "cause.credentials_or_policy": "La vérification n’a pas d’identifiants valables, ou une règle d’accès la refuse.",
  "cause.route_removed": "La page a été déplacée ou retirée, ou une version est sortie sans elle.",
  "cause.too_many_requests": "Le serveur compte les vérifications comme trop de requêtes.",
  "cause.server_fails": "Le serveur dit lui-même qu’il a échoué.",
  "cause.other_answer": "L’application répond, mais pas comme ce moniteur l’attend.",
  "cause.content_changed": "La page a changé, ou une page d’erreur s’affiche avec un bon statut.",
  "cause.egress_policy": "Les règles qui protègent votre réseau interdisent de vérifier cette adresse.",
  "cause.saturated_or_dependency":
    "Le serveur manque de ressources, ou attend une base de données ou un autre service.",
  "cause.other_service": "Un autre service écoute sur ce port, ou un mandataire répond à sa place.",
  "cause.credentials_wrong":
    "L’utilisateur ou le mot de passe de la vérification est faux, changé ou expiré, ou une règle d’accès le refuse.",
  "cause.starting_or_stopping": "Le serveur vient de démarrer, se rétablit après une panne, ou est en cours d’arrêt.",
  "cause.connections_leak": "Des clients gardent trop de connexions, ou la limite du serveur est trop basse.",
  "cause.database_gone": "La base a été supprimée ou renommée, ou son nom est mal écrit dans le moniteur.",
  "cause.query_or_schema":
    "La requête ne correspond plus aux données, ou l’utilisateur de la vérification n’a pas le droit de les lire.",
  "cause.query_slow": "La requête attend un verrou, manque d’un index, ou le serveur est surchargé.",
  "cause.series_gone": "Ce qui exporte ces séries est arrêté ou renommé, ou n’est plus collecté.",
  "cause.service_unhealthy":
    "Le service dit lui-même qu’il ne peut pas travailler : il lui manque une dépendance, ou il démarre ou s’arrête.",
  "cause.service_not_registered": "Le service n’est pas enregistré sous ce nom dans la version en cours.",
  "cause.feature_off": "Le serveur tourne sans cela : ce n’est pas configuré, ou pas pour ce compte.",
  "cause.renewal_did_not_run":
    "Le renouvellement automatique n’a pas eu lieu, ou son certificat n’a pas été chargé dans le serveur.",
  "cause.old_tls_settings":
    "Les réglages du serveur, ou une vieille bibliothèque, ne permettent que ce qui n’est plus tenu pour sûr.",
  "cause.record_removed": "L’enregistrement a été retiré ou renommé, ou la zone a été publiée sans lui.",
  "cause.name_server_failing":
    "Le serveur de noms ne sert pas cette zone, ne peut pas la charger, ou ne joint pas les serveurs qu’il interroge.",
  "cause.domain_not_renewed": "L’enregistrement n’a pas été renouvelé, ou son paiement a échoué.",
  "cause.unknown_cause": "Ce qui a été vu ne correspond à aucune cause connue.",

  "recommendation.check_step":
    "Essayez l’étape à la main sur la page, et corrigez-la dans le moniteur si la page a raison.",
  "recommendation.read_console": "Lisez les erreurs de la console du navigateur dans les preuves.",
  "recommendation.see_screenshot": "Regardez l’image de la page dans les preuves.",
  "recommendation.keep_awake":
    "Choisissez une formule sans mise en sommeil, ou vérifiez plus souvent que le service ne s’endort.",
  "recommendation.read_host_dashboard": "Regardez l’état du service dans le tableau de bord de votre hébergeur.",
  "recommendation.read_last_logs": "Lisez les dernières lignes du journal de l’application.",
  "recommendation.check_broker":
    "Regardez si le bus de messages tourne et s’il est joignable depuis le service des incidents.",
  "recommendation.start_prober": "Démarrez une sonde.",
  "recommendation.restart_prober": "Redémarrez la sonde.",
  "recommendation.check_prober_machine": "Regardez si sa machine tourne et atteint le bus de messages.",
  "recommendation.read_prober_log": "Lisez le journal de la sonde à cet instant.",
  "recommendation.wait_for_results": "Attendez : ceci se résout seul quand tous les résultats ont été renvoyés.",
  "recommendation.check_broker_disk":
    "Vérifiez le disque et les redémarrages du bus de messages, et que personne ne supprime ses flux.",
  "recommendation.restart_service": "Redémarrez le service.",
  "recommendation.deploy_last_good": "Si une version vient de sortir, redéployez la dernière bonne.",
  "recommendation.check_port": orPlain(
    "Vérifiez que l’application écoute sur le port {port}, sur la bonne interface réseau.",
    "Vérifiez que l’application écoute sur le bon port et la bonne interface réseau.",
  ),
  "recommendation.check_firewall": orPlain(
    "Vérifiez que le pare-feu et les groupes de sécurité laissent passer le port {port}.",
    "Vérifiez que le pare-feu et les groupes de sécurité laissent passer ce port.",
  ),
  "recommendation.check_host_alive": orPlain(
    "Vérifiez que la machine derrière {host} est allumée.",
    "Vérifiez que la machine est allumée.",
  ),
  "recommendation.check_load":
    "Regardez le processeur, la mémoire et les connexions du serveur ; ajoutez de la capacité s’ils sont pleins.",
  "recommendation.check_network": "Vérifiez les routes, le tunnel (VPN) et le réseau de cette machine et du serveur.",
  "recommendation.check_memory": "Vérifiez si le système a mis fin au processus faute de mémoire.",
  "recommendation.check_proxy_timeouts": "Comparez les délais du proxy avec le temps que prend l’application.",
  "recommendation.check_dns_record": orPlain(
    "Vérifiez les enregistrements A et AAAA de {host} chez votre fournisseur DNS.",
    "Vérifiez les enregistrements A et AAAA chez votre fournisseur DNS.",
  ),
  "recommendation.check_domain_expiry": "Vérifiez chez votre bureau d’enregistrement que le domaine n’a pas expiré.",
  "recommendation.check_spelling": orPlain(
    "Vérifiez l’orthographe de {host} dans le moniteur.",
    "Vérifiez l’orthographe du nom dans le moniteur.",
  ),
  "recommendation.check_resolver":
    "Vérifiez que cette machine sait résoudre d’autres noms ; sinon, réparez son résolveur.",
  "recommendation.check_dns_provider": "Regardez la page d’état de votre fournisseur DNS.",
  "recommendation.renew_certificate": orPlain(
    "Renouvelez le certificat de {host} et chargez-le dans le serveur.",
    "Renouvelez le certificat et chargez-le dans le serveur.",
  ),
  "recommendation.check_renewal_job":
    "Cherchez pourquoi le renouvellement automatique n’a pas eu lieu, et lancez-le une fois à la main.",
  "recommendation.check_clock": "Vérifiez les horloges du serveur et de cette machine.",
  "recommendation.check_certificate": "Installez un certificat valable aujourd’hui.",
  "recommendation.check_certificate_names": orPlain(
    "Demandez un certificat qui nomme {host}.",
    "Demandez un certificat qui contient ce nom.",
  ),
  "recommendation.check_virtual_host": "Vérifiez quel hôte virtuel le serveur web choisit pour ce nom.",
  "recommendation.serve_full_chain":
    "Faites envoyer par le serveur les certificats intermédiaires aussi (le fichier « full chain »).",
  "recommendation.check_interception": "Vérifiez si un proxy d’entreprise remplace les certificats en chemin.",
  "recommendation.check_proxy_of_checks": "Vérifiez le mandataire du moniteur et ce qu’il laisse passer.",
  "recommendation.check_tls_settings": "Vérifiez que le serveur accepte TLS 1.2 ou 1.3 avec des chiffrements actuels.",
  "recommendation.check_scheme_and_port": orPlain(
    "Vérifiez le protocole et le port de {url}.",
    "Vérifiez le protocole et le port de l’adresse.",
  ),
  "recommendation.check_proxy": "Vérifiez que le proxy termine TLS sur ce port.",
  "recommendation.check_database":
    "Vérifiez que la base de données et les autres services dont elle a besoin répondent.",
  "recommendation.check_zone": orPlain(
    "Interrogez le serveur de noms à la main sur {name} et comparez la réponse à la zone.",
    "Interrogez le serveur de noms à la main et comparez la réponse à la zone.",
  ),
  "recommendation.check_scheduler":
    "Regardez sur sa machine si le planificateur tourne et quand la tâche a tourné en dernier.",
  "recommendation.check_ping_address":
    "Appelez l’adresse à la main, par exemple avec curl, pour voir si la machine atteint Sentinel.",
  "recommendation.read_job_output": "Lisez ce que la tâche a écrit en dernier : les preuves en gardent la fin.",
  "recommendation.check_job_hangs":
    "Regardez si la tâche tourne encore ; donnez-lui un `grace` plus long si elle peut durer autant.",
  "recommendation.renew_domain": orPlain(
    "Renouvelez {domain} chez votre bureau d’enregistrement, et vérifiez le paiement et le renouvellement automatique.",
    "Renouvelez le domaine chez votre bureau d’enregistrement, et vérifiez le paiement et le renouvellement automatique.",
  ),
  "recommendation.check_cookies": "Cherchez quels cookies et en-têtes le serveur envoie, et raccourcissez-les.",
  "recommendation.watch_smaller_page": "Surveillez une petite page faite pour cela, comme /health.",
  "recommendation.fix_canonical_host":
    "Laissez une seule règle choisir entre http et https, et entre www et le nom nu.",
  "recommendation.check_login_redirect": "Vérifiez que la page de connexion ne redirige pas vers elle-même.",
  "recommendation.watch_final_address": "Mettez l’adresse finale dans le moniteur.",
  "recommendation.read_error_log": "Lisez le journal d’erreurs de l’application à l’heure de la panne.",
  "recommendation.roll_back_last_deploy": "Si cela a commencé avec une version, revenez à la précédente.",
  "recommendation.check_environment": "Vérifiez les variables d’environnement et les secrets de l’application.",
  "recommendation.check_upstream":
    "Vérifiez que l’application derrière le proxy tourne et écoute là où le proxy la cherche.",
  "recommendation.check_capacity":
    "Regardez le nombre de travailleurs et de connexions ; ajoutez-en si tous sont pris.",
  "recommendation.check_maintenance": "Vérifiez si une maintenance est en cours ; si oui, mettez le moniteur en pause.",
  "recommendation.check_credentials":
    "Mettez des identifiants valables dans les en-têtes du moniteur, ou surveillez une page qui n’en demande pas.",
  "recommendation.check_access_rules": "Vérifiez si une règle d’accès ou un filtre de robots refuse les vérifications.",
  "recommendation.check_last_release": "Regardez ce que la dernière version a changé.",
  "recommendation.check_address": orPlain(
    "Vérifiez que {url} est toujours la bonne adresse.",
    "Vérifiez que l’adresse est toujours la bonne.",
  ),
  "recommendation.check_less_often": "Vérifiez moins souvent : augmentez « every » dans le moniteur.",
  "recommendation.allow_prober": "Laissez l’adresse de Sentinel passer la limite de débit.",
  "recommendation.check_expectation":
    "Si cette réponse est la bonne, ajoutez son statut à « expect » dans le moniteur.",
  "recommendation.compare_page": (params) =>
    (params["subject"] ?? "") === ""
      ? text(
          params,
          "Comparez la page avec le texte que le moniteur attend, « {expected} ».",
          "Comparez la page avec le texte que le moniteur attend.",
        )
      : "Comparez la réponse, dans les preuves, avec ce que le moniteur attend.",
  "recommendation.allow_range":
    "Si cette vérification est voulue, autorisez cette plage d’adresses au démarrage de Sentinel.",
  "recommendation.check_sign_in":
    "Essayez à la main l’utilisateur et le mot de passe de la vérification, et redéfinissez le secret là où Sentinel tourne.",
  "recommendation.wait_for_start": "Attendez la fin du démarrage ; s’il ne finit pas, lisez le journal du serveur.",
  "recommendation.check_connections": "Regardez qui garde les connexions, et fermez celles qui sont inactives.",
  "recommendation.run_query_by_hand": "Exécutez la requête à la main avec l’utilisateur de la vérification.",
  "recommendation.check_locks": "Cherchez les longues transactions et les verrous, et regardez le plan de la requête.",
  "recommendation.check_database_name": "Vérifiez le nom de la base dans l’adresse.",
  "recommendation.write_reading_query": "Écrivez une requête qui ne fait que lire.",
  "recommendation.check_scrape":
    "Vérifiez dans Prometheus que la cible est collectée et que la requête est bien écrite.",
  "recommendation.check_service_dependencies": "Vérifiez ce dont le service dépend, et lisez son journal.",
  "recommendation.check_service_name": "Vérifiez le nom du service, et que la version en cours l’enregistre.",
  "recommendation.enable_feature": "Activez-le dans la configuration du serveur, ou retirez-le du moniteur.",
  "issue.budget_burns_fast": orPlain("Le budget d’erreur de {monitor} fond vite", "Le budget d’erreur fond vite"),
  "issue.budget_burns_slow": orPlain(
    "Le budget d’erreur de {monitor} diminue trop vite",
    "Le budget d’erreur diminue trop vite",
  ),
  "cause.budget_burn": orPlain(
    "Il est consommé {burn} fois plus vite que ne le permet un objectif de {target} %.",
    "Il est consommé plus vite que ne le permet l’objectif.",
  ),
  "recommendation.look_at_outages":
    "Regardez les pannes des dernières heures : ce qu’elles ont en commun est à réparer d’abord.",
  "recommendation.hold_changes":
    "Retenez les changements risqués de ce service jusqu’à ce que son budget se rétablisse.",
  "recommendation.read_evidence": "Lisez ci-dessous les preuves de la vérification échouée.",
} as const satisfies Catalogue;

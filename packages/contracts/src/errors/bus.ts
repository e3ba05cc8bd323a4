import type { ErrorTable } from "./error.ts";

export const busErrors = {
  bus_unavailable: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "The message bus cannot be reached",
      detail: "{servers} did not answer within {limitMs} ms ({reason}).",
      fix: "Check that nats-server runs there with JetStream on (option -js); Sentinel keeps trying, nothing is lost meanwhile.",
    },
    fr: {
      title: "Le bus de messages est injoignable",
      detail: "{servers} n’a pas répondu en {limitMs} ms ({reason}).",
      fix: "Vérifiez que nats-server y tourne avec JetStream (option -js) ; Sentinel réessaie sans cesse, rien n’est perdu entre-temps.",
    },
  },
  bus_disk_full: {
    http: 507,
    grpc: "RESOURCE_EXHAUSTED",
    en: {
      title: "The message bus has no room left",
      detail: "{servers} cannot store what it is given ({reason}).",
      fix: "Make room on the disk of nats-server, or raise its max_file_store; restart it if it takes nothing afterwards. Sentinel keeps trying, nothing is lost meanwhile.",
    },
    fr: {
      title: "Le bus de messages n’a plus de place",
      detail: "{servers} ne peut pas enregistrer ce qui lui est donné ({reason}).",
      fix: "Libérez de la place sur le disque de nats-server, ou augmentez son max_file_store ; redémarrez-le s’il n’accepte toujours rien. Sentinel réessaie sans cesse, rien n’est perdu entre-temps.",
    },
  },
  bus_refused: {
    http: 503,
    grpc: "PERMISSION_DENIED",
    en: {
      title: "The message bus refused these credentials",
      detail: "{servers} answered: {reason}.",
      fix: "Give the token or credentials file that this server expects.",
    },
    fr: {
      title: "Le bus de messages refuse ces identifiants",
      detail: "{servers} a répondu : {reason}.",
      fix: "Donnez le jeton ou le fichier d’identifiants que ce serveur attend.",
    },
  },
  bus_closed: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "The message bus is closed",
      detail: "Something was still asked of the bus after this process began to stop.",
      fix: "Nothing to do if Sentinel is stopping; otherwise restart it.",
    },
    fr: {
      title: "Le bus de messages est fermé",
      detail: "Quelque chose a encore été demandé au bus alors que ce processus s’arrêtait.",
      fix: "Rien à faire si Sentinel s’arrête ; sinon, redémarrez-le.",
    },
  },
  bus_stream_mismatch: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The message bus did not keep a setting",
      detail: "Stream {stream}: {setting} should be {wanted}, the server says {got}.",
      fix: "Use a newer nats-server, or remove a stream of this name that something else made.",
    },
    fr: {
      title: "Le bus de messages n’a pas retenu un réglage",
      detail: "Flux {stream} : {setting} devrait être {wanted}, le serveur dit {got}.",
      fix: "Utilisez un nats-server plus récent, ou supprimez un flux du même nom créé par autre chose.",
    },
  },
  bus_stream_missing: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "A stream of the message bus is missing",
      detail: "There is no stream {stream}.",
      fix: "Restart Sentinel: it makes its streams at start.",
    },
    fr: {
      title: "Un flux du bus de messages manque",
      detail: "Le flux {stream} n’existe pas.",
      fix: "Redémarrez Sentinel : il crée ses flux au démarrage.",
    },
  },
  bus_subject_unknown: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "No stream takes this subject",
      detail: "Nothing on the bus stores messages of subject {subject}.",
      fix: "Restart Sentinel: it makes its streams at start.",
    },
    fr: {
      title: "Aucun flux n’accepte ce sujet",
      detail: "Rien sur le bus ne conserve les messages du sujet {subject}.",
      fix: "Redémarrez Sentinel : il crée ses flux au démarrage.",
    },
  },
  bus_subject_invalid: {
    http: 500,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "A message has a subject that the bus cannot carry",
      detail: '"{subject}" is empty, has an empty part, a space or a wildcard.',
      fix: "This is a fault of ours: report it with the log around it.",
    },
    fr: {
      title: "Un message a un sujet que le bus ne peut porter",
      detail: "« {subject} » est vide, a une partie vide, une espace ou un joker.",
      fix: "C’est une faute de notre part : signalez-la avec le journal qui l’entoure.",
    },
  },
  bus_message_too_large: {
    http: 500,
    grpc: "RESOURCE_EXHAUSTED",
    en: {
      title: "A message is too large for the bus",
      detail: "{bytes} bytes on subject {subject}; the bus takes {limitBytes}.",
      fix: "Raise max_payload of the nats-server, or report what made a message of this size.",
    },
    fr: {
      title: "Un message est trop gros pour le bus",
      detail: "{bytes} octets sur le sujet {subject} ; le bus en accepte {limitBytes}.",
      fix: "Augmentez max_payload du nats-server, ou signalez ce qui a produit un message de cette taille.",
    },
  },
} as const satisfies ErrorTable;

import type { ErrorTable } from "./error.ts";

export const gatewayErrors = {
  request_malformed: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The body is not JSON",
      detail: "The request body could not be read as JSON: {reason}.",
      fix: "Send one JSON object with Content-Type: application/json.",
    },
    fr: {
      title: "Le corps n’est pas du JSON",
      detail: "Le corps de la requête est illisible comme JSON : {reason}.",
      fix: "Envoyez un seul objet JSON avec Content-Type: application/json.",
    },
  },
  request_invalid: {
    http: 422,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The request has mistakes",
      detail: "{count} field(s) of the body cannot be used.",
      fix: "Correct each field named in `problems`; /api/docs shows the accepted form.",
    },
    fr: {
      title: "La requête contient des erreurs",
      detail: "{count} champ(s) du corps sont inutilisables.",
      fix: "Corrigez chaque champ nommé dans `problems` ; /api/docs montre la forme acceptée.",
    },
  },
  request_too_large: {
    http: 413,
    grpc: "RESOURCE_EXHAUSTED",
    en: {
      title: "The body is too large",
      detail: "A request body may have at most {limit} bytes.",
      fix: "Send less, or split the request.",
    },
    fr: {
      title: "Le corps est trop grand",
      detail: "Le corps d’une requête a droit à {limit} octets au plus.",
      fix: "Envoyez moins, ou découpez la requête.",
    },
  },
  media_type_unsupported: {
    http: 415,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "This content type is not accepted",
      detail: 'The body was sent as "{type}"; only application/json is read.',
      fix: "Send JSON with Content-Type: application/json.",
    },
    fr: {
      title: "Ce type de contenu n’est pas accepté",
      detail: "Le corps a été envoyé en « {type} » ; seul application/json est lu.",
      fix: "Envoyez du JSON avec Content-Type: application/json.",
    },
  },
  query_invalid: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "A parameter of the address cannot be used",
      detail: '{name} is "{value}"; expected: {expected}.',
      fix: "Correct or remove {name}; /api/docs lists the parameters.",
    },
    fr: {
      title: "Un paramètre de l’adresse est inutilisable",
      detail: "{name} vaut « {value} » ; attendu : {expected}.",
      fix: "Corrigez ou retirez {name} ; /api/docs donne la liste des paramètres.",
    },
  },
  header_invalid: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "A header cannot be used",
      detail: '{name} is "{value}"; expected: {expected}.',
      fix: "Correct or remove the header {name}.",
    },
    fr: {
      title: "Un en-tête est inutilisable",
      detail: "{name} vaut « {value} » ; attendu : {expected}.",
      fix: "Corrigez ou retirez l’en-tête {name}.",
    },
  },
  header_too_large: {
    http: 431,
    grpc: "RESOURCE_EXHAUSTED",
    en: {
      title: "The headers are too large",
      detail: "The headers of a request may have at most 16 KB in all.",
      fix: "Send fewer or shorter headers; old cookies are the usual cause.",
    },
    fr: {
      title: "Les en-têtes sont trop grands",
      detail: "Les en-têtes d’une requête ont droit à 16 Ko au plus en tout.",
      fix: "Envoyez des en-têtes moins nombreux ou plus courts ; de vieux cookies en sont la cause habituelle.",
    },
  },
  request_too_slow: {
    http: 408,
    grpc: "DEADLINE_EXCEEDED",
    en: {
      title: "The request came too slowly",
      detail: "A request must have arrived whole within 30 s.",
      fix: "Send it again over a better connection.",
    },
    fr: {
      title: "La requête est arrivée trop lentement",
      detail: "Une requête doit être arrivée en entier en 30 s.",
      fix: "Renvoyez-la par une meilleure connexion.",
    },
  },
  request_not_http: {
    http: 400,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "This is not HTTP",
      detail: "The bytes that came are no HTTP/1.1 request.",
      fix: "Speak plain HTTP to this port; TLS and gRPC have ports of their own.",
    },
    fr: {
      title: "Ce n’est pas du HTTP",
      detail: "Les octets reçus ne forment pas une requête HTTP/1.1.",
      fix: "Parlez HTTP en clair à ce port ; TLS et gRPC ont leurs propres ports.",
    },
  },
  route_not_found: {
    http: 404,
    grpc: "UNIMPLEMENTED",
    en: {
      title: "There is nothing at this address",
      detail: "{method} {path} is not part of the API.",
      fix: "Check the address; /api/docs lists every operation.",
    },
    fr: {
      title: "Il n’y a rien à cette adresse",
      detail: "{method} {path} ne fait pas partie de l’API.",
      fix: "Vérifiez l’adresse ; /api/docs donne la liste des opérations.",
    },
  },
  method_not_allowed: {
    http: 405,
    grpc: "UNIMPLEMENTED",
    en: {
      title: "This method is not allowed here",
      detail: "{path} does not take {method}; it takes {allowed}.",
      fix: "Use one of the methods in the Allow header.",
    },
    fr: {
      title: "Cette méthode n’est pas permise ici",
      detail: "{path} n’accepte pas {method} ; il accepte {allowed}.",
      fix: "Utilisez une des méthodes de l’en-tête Allow.",
    },
  },
  precondition_required: {
    http: 428,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The version you saw is needed",
      detail: "A change must say which version it is based on, so that nobody’s change is lost.",
      fix: "Read the object first and send its ETag back in If-Match.",
    },
    fr: {
      title: "Il faut la version que vous avez vue",
      detail: "Une modification doit dire de quelle version elle part, afin que celle d’un autre ne soit pas perdue.",
      fix: "Lisez d’abord l’objet et renvoyez son ETag dans If-Match.",
    },
  },
  host_not_allowed: {
    http: 421,
    grpc: "PERMISSION_DENIED",
    en: {
      title: "This host name is not ours",
      detail: 'The request was addressed to "{host}", which this Sentinel does not answer for.',
      fix: "Use the address that Sentinel printed at start, or allow this name when starting it.",
    },
    fr: {
      title: "Ce nom d’hôte n’est pas le nôtre",
      detail: "La requête visait « {host} », nom pour lequel ce Sentinel ne répond pas.",
      fix: "Utilisez l’adresse affichée par Sentinel au démarrage, ou autorisez ce nom en le démarrant.",
    },
  },
  origin_not_allowed: {
    http: 403,
    grpc: "PERMISSION_DENIED",
    en: {
      title: "A page from elsewhere may not do this",
      detail: "The request comes from a page of {origin}, not from this Sentinel.",
      fix: "Use the dashboard at its own address; programs send no Origin header.",
    },
    fr: {
      title: "Une page venue d’ailleurs n’y a pas droit",
      detail: "La requête vient d’une page de {origin}, et non de ce Sentinel.",
      fix: "Utilisez le tableau de bord à sa propre adresse ; les programmes n’envoient pas d’en-tête Origin.",
    },
  },
  token_required: {
    http: 401,
    grpc: "UNAUTHENTICATED",
    en: {
      title: "An access token is needed",
      detail: "This Sentinel can be reached from other machines and answers only with its access token.",
      fix: "Sign in, or send Authorization: Bearer with the token printed at the first start.",
    },
    fr: {
      title: "Il faut un jeton d’accès",
      detail: "Ce Sentinel est joignable depuis d’autres machines et ne répond qu’avec son jeton d’accès.",
      fix: "Connectez-vous, ou envoyez Authorization: Bearer avec le jeton affiché au premier démarrage.",
    },
  },
  token_wrong: {
    http: 401,
    grpc: "UNAUTHENTICATED",
    en: {
      title: "The access token is wrong",
      detail: "The token that was sent is not the one of this Sentinel.",
      fix: "Use the token printed at the first start, or have a new one made.",
    },
    fr: {
      title: "Le jeton d’accès est faux",
      detail: "Le jeton envoyé n’est pas celui de ce Sentinel.",
      fix: "Utilisez le jeton affiché au premier démarrage, ou faites-en créer un nouveau.",
    },
  },
  too_many_streams: {
    http: 503,
    grpc: "RESOURCE_EXHAUSTED",
    en: {
      title: "Too many live connections are open",
      detail: "{limit} live connections are open, which is the most this Sentinel keeps.",
      fix: "Close unused tabs or clients, then connect again.",
    },
    fr: {
      title: "Trop de connexions en direct sont ouvertes",
      detail: "{limit} connexions en direct sont ouvertes : c’est le plus que ce Sentinel tient.",
      fix: "Fermez les onglets ou clients inutiles, puis reconnectez-vous.",
    },
  },
  not_ready: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "Sentinel is still starting",
      detail: "{reason}.",
      fix: "Wait a moment and ask again.",
    },
    fr: {
      title: "Sentinel est en train de démarrer",
      detail: "{reason}.",
      fix: "Attendez un instant et redemandez.",
    },
  },
  site_unreadable: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The dashboard’s files cannot be read",
      detail: "{folder}: {reason}.",
      fix: "Build the dashboard again (`npm run build`), or start without it.",
    },
    fr: {
      title: "Les fichiers du tableau de bord sont illisibles",
      detail: "{folder} : {reason}.",
      fix: "Reconstruisez le tableau de bord (`npm run build`), ou démarrez sans lui.",
    },
  },
} as const satisfies ErrorTable;

import type { ErrorTable } from "./error.ts";

export const maintenanceErrors = {
  maintenance_not_found: {
    http: 404,
    grpc: "NOT_FOUND",
    en: {
      title: "There is no such maintenance window",
      detail: "No window has the id or name “{id}”.",
      fix: "List the windows and take a name from there; it may have been removed meanwhile.",
    },
    fr: {
      title: "Cette fenêtre de maintenance n’existe pas",
      detail: "Aucune fenêtre n’a l’identifiant ou le nom « {id} ».",
      fix: "Listez les fenêtres et prenez-y un nom ; elle a pu être retirée entre-temps.",
    },
  },
  maintenance_name_taken: {
    http: 409,
    grpc: "ALREADY_EXISTS",
    en: {
      title: "The name is taken",
      detail: "Another maintenance window is called “{name}”; names are unique.",
      fix: "Choose another name, or remove the window that has it.",
    },
    fr: {
      title: "Ce nom est pris",
      detail: "Une autre fenêtre de maintenance s’appelle « {name} » ; les noms sont uniques.",
      fix: "Choisissez un autre nom, ou retirez la fenêtre qui le porte.",
    },
  },
  maintenance_not_active: {
    http: 409,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "Nothing of this window is under way",
      detail: "“{name}” has not begun, or is over already.",
      fix: "Nothing needs to be ended. Remove the window if it should not come at all.",
    },
    fr: {
      title: "Rien de cette fenêtre n’est en cours",
      detail: "« {name} » n’a pas commencé, ou est déjà finie.",
      fix: "Il n’y a rien à terminer. Retirez la fenêtre si elle ne doit pas venir du tout.",
    },
  },
  maintenance_owned_by_file: {
    http: 409,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "This window belongs to sentinel.yaml",
      detail: "“{name}” comes from the configuration file, which would make it again.",
      fix: "Remove it from sentinel.yaml; what is under way can be ended here.",
    },
    fr: {
      title: "Cette fenêtre appartient à sentinel.yaml",
      detail: "« {name} » vient du fichier de configuration, qui la referait.",
      fix: "Retirez-la de sentinel.yaml ; ce qui est en cours peut être terminé ici.",
    },
  },
  maintenance_invalid: {
    http: 422,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The window cannot be used as it is written",
      detail: "Something is wrong in {count} places; each is listed with what was expected.",
      fix: "Correct the places listed and send it again.",
    },
    fr: {
      title: "La fenêtre ne peut pas servir telle quelle",
      detail: "Quelque chose ne va pas à {count} endroits ; chacun est indiqué avec ce qui était attendu.",
      fix: "Corrigez les endroits indiqués et renvoyez-la.",
    },
  },
} as const satisfies ErrorTable;

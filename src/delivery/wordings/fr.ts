/** What messages say in French. */
import type { Wording } from '../wording.ts'

export const fr: Wording = {
  lang: 'fr',
  links: {
    login: {
      subject: (app) => `Connectez-vous à ${app}`,
      heading: (app) => `Connectez-vous à ${app}`,
      lead: () => 'Utilisez le bouton ci-dessous pour vous connecter. Aucun mot de passe n’est nécessaire.',
      button: 'Se connecter',
      unasked: () =>
        'Si vous n’avez pas demandé à vous connecter, ignorez cet e-mail. Personne ne peut entrer sans ce lien.',
    },
    signup: {
      subject: (app) => `Confirmez votre adresse e-mail pour ${app}`,
      heading: (app) => `Bienvenue sur ${app}`,
      lead: () => 'Confirmez votre adresse e-mail pour terminer la création de votre compte.',
      button: 'Confirmer et continuer',
      unasked: () => 'Si vous n’êtes pas à l’origine de cette inscription, ignorez cet e-mail.',
    },
    invite: {
      subject: (app) => `Votre invitation à rejoindre ${app}`,
      heading: (app) => `Vous avez reçu une invitation à rejoindre ${app}`,
      lead: () => 'Acceptez l’invitation pour créer votre compte.',
      button: 'Accepter l’invitation',
      unasked: () => 'Si vous n’attendiez pas d’invitation, ignorez cet e-mail.',
    },
    reset_password: {
      subject: (app) => `Réinitialisez votre mot de passe ${app}`,
      heading: () => 'Réinitialisez votre mot de passe',
      lead: (app) =>
        `Un nouveau mot de passe a été demandé pour votre compte ${app}. Choisissez-le avec le bouton ci-dessous.`,
      button: 'Choisir un mot de passe',
      unasked: () => 'Si cette demande ne vient pas de vous, ignorez cet e-mail : votre mot de passe reste inchangé.',
    },
    verify_email: {
      subject: (app) => `Vérifiez votre adresse e-mail pour ${app}`,
      heading: () => 'Vérifiez votre adresse e-mail',
      lead: (app) => `Confirmez que cette adresse est bien la vôtre pour l’utiliser avec ${app}.`,
      button: 'Vérifier mon adresse',
      unasked: (app) => `Si vous n’avez pas de compte ${app}, ignorez cet e-mail.`,
    },
    unlock: {
      subject: (app) => `Votre compte ${app} est verrouillé`,
      heading: () => 'Déverrouillez votre compte',
      lead: (app) =>
        `Après un trop grand nombre de tentatives de connexion échouées, votre compte ${app} a été verrouillé par sécurité.`,
      button: 'Déverrouiller mon compte',
      unasked: () =>
        'Si ces tentatives ne viennent pas de vous, vous pouvez ignorer cet e-mail. Votre compte reste protégé.',
    },
  },
  codes: {
    otp_login: {
      heading: () => 'Votre code de connexion',
      lead: (app) => `Saisissez ce code pour vous connecter à ${app}.`,
      unasked: () => 'Ne le communiquez à personne. Si vous ne l’avez pas demandé, ignorez cet e-mail.',
    },
    otp_signup: {
      heading: (app) => `Bienvenue sur ${app}`,
      lead: () => 'Saisissez ce code pour terminer la création de votre compte.',
      unasked: () =>
        'Ne le communiquez à personne. Si vous n’êtes pas à l’origine de cette inscription, ignorez cet e-mail.',
    },
    otp_mfa: {
      heading: () => 'Confirmez que c’est bien vous',
      lead: (app) => `Saisissez ce code pour terminer votre connexion à ${app}.`,
      unasked: () =>
        'Ne le communiquez à personne. Si vous n’étiez pas en train de vous connecter, quelqu’un a franchi la première étape : prévenez votre administrateur.',
    },
  },
  code_subject: (code, app) => `${code} est votre code pour ${app}`,
  link_validity: (duration) => `Le lien expire dans ${duration} et ne peut être utilisé qu’une seule fois.`,
  code_validity: (duration) => `Le code expire dans ${duration}.`,
  fallback: 'Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :',
  without_password: { question: 'Vous préférez entrer tout de suite ?', link: 'Se connecter sans mot de passe' },
  footer: (app) => `Ceci est un message automatique de ${app}.`,
  short_code: (code, app, duration) =>
    `${code} est votre code pour ${app}. Il expire dans ${duration}. Ne le communiquez à personne.`,
}

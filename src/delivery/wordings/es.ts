/** What messages say in Spanish. */
import type { Wording } from '../wording.ts'

export const es: Wording = {
  lang: 'es',
  links: {
    login: {
      subject: (app) => `Inicia sesión en ${app}`,
      heading: (app) => `Inicia sesión en ${app}`,
      lead: () => 'Pulsa el botón para iniciar sesión. No necesitas contraseña.',
      button: 'Iniciar sesión',
      unasked: () => 'Si no has pedido iniciar sesión, puedes ignorar este correo. Nadie puede entrar sin este enlace.',
    },
    signup: {
      subject: (app) => `Confirma tu correo electrónico para ${app}`,
      heading: (app) => `Te damos la bienvenida a ${app}`,
      lead: () => 'Confirma tu dirección de correo electrónico para terminar de crear tu cuenta.',
      button: 'Confirmar y continuar',
      unasked: () => 'Si no te has registrado tú, puedes ignorar este correo.',
    },
    invite: {
      subject: (app) => `Tienes una invitación a ${app}`,
      heading: (app) => `Tienes una invitación a ${app}`,
      lead: () => 'Acepta la invitación para crear tu cuenta.',
      button: 'Aceptar la invitación',
      unasked: () => 'Si no esperabas ninguna invitación, puedes ignorar este correo.',
    },
    reset_password: {
      subject: (app) => `Restablece tu contraseña de ${app}`,
      heading: () => 'Restablece tu contraseña',
      lead: (app) => `Alguien ha pedido una contraseña nueva para tu cuenta de ${app}. Pulsa el botón para elegirla.`,
      button: 'Elegir una contraseña nueva',
      unasked: () => 'Si no has sido tú, ignora este correo y tu contraseña seguirá siendo la misma.',
    },
    verify_email: {
      subject: (app) => `Verifica tu correo electrónico para ${app}`,
      heading: () => 'Verifica tu correo electrónico',
      lead: (app) => `Confirma que esta dirección es tuya para poder usarla en ${app}.`,
      button: 'Verificar mi correo',
      unasked: (app) => `Si no tienes una cuenta en ${app}, puedes ignorar este correo.`,
    },
    unlock: {
      subject: (app) => `Tu cuenta de ${app} está bloqueada`,
      heading: () => 'Desbloquea tu cuenta',
      lead: (app) =>
        `Ha habido demasiados intentos fallidos de entrar en tu cuenta de ${app} y la hemos bloqueado para protegerla.`,
      button: 'Desbloquear mi cuenta',
      unasked: () => 'Si no fuiste tú quien lo intentó, puedes ignorar este correo. Tu cuenta sigue protegida.',
    },
  },
  codes: {
    otp_login: {
      heading: () => 'Tu código de acceso',
      lead: (app) => `Introduce este código para iniciar sesión en ${app}.`,
      unasked: () => 'No lo compartas con nadie. Si no lo has pedido tú, puedes ignorar este correo.',
    },
    otp_signup: {
      heading: (app) => `Te damos la bienvenida a ${app}`,
      lead: () => 'Introduce este código para terminar de crear tu cuenta.',
      unasked: () => 'No lo compartas con nadie. Si no te has registrado tú, puedes ignorar este correo.',
    },
    otp_mfa: {
      heading: () => 'Confirma que eres tú',
      lead: (app) => `Introduce este código para terminar de iniciar sesión en ${app}.`,
      unasked: () =>
        'No lo compartas con nadie. Si no estabas iniciando sesión, alguien ha superado el primer paso: avisa a tu administrador.',
    },
  },
  code_subject: (code, app) => `${code} es tu código para ${app}`,
  link_validity: (duration) => `El enlace caduca en ${duration} y solo se puede usar una vez.`,
  code_validity: (duration) => `El código caduca en ${duration}.`,
  fallback: 'Si el botón no funciona, copia esta dirección en tu navegador:',
  without_password: { question: '¿Prefieres entrar ahora mismo?', link: 'Inicia sesión sin contraseña' },
  footer: (app) => `Este es un mensaje automático de ${app}.`,
  // "código" has an ó, which a plain SMS does not know.
  short_code: (code, app, duration) => `${code} es tu clave para ${app}. Caduca en ${duration}. No la compartas.`,
}

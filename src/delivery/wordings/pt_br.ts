/** What messages say in Brazilian Portuguese. */
import type { Wording } from '../wording.ts'

export const ptBr: Wording = {
  lang: 'pt-BR',
  links: {
    login: {
      subject: (app) => `Seu link para entrar em ${app}`,
      heading: (app) => `Entre em ${app}`,
      lead: () => 'Use o botão abaixo para entrar. Você não precisa de senha.',
      button: 'Entrar',
      unasked: () => 'Se você não pediu para entrar, ignore este e-mail. Ninguém entra sem este link.',
    },
    signup: {
      subject: (app) => `Confirme seu e-mail para usar ${app}`,
      heading: (app) => `Boas-vindas a ${app}`,
      lead: () => 'Confirme seu endereço de e-mail para terminar de criar sua conta.',
      button: 'Confirmar e continuar',
      unasked: () => 'Se não foi você quem se cadastrou, ignore este e-mail.',
    },
    invite: {
      subject: (app) => `Você recebeu um convite para ${app}`,
      heading: (app) => `Você recebeu um convite para ${app}`,
      lead: () => 'Aceite o convite para criar sua conta.',
      button: 'Aceitar convite',
      unasked: () => 'Se você não esperava um convite, ignore este e-mail.',
    },
    reset_password: {
      subject: (app) => `Redefina sua senha de ${app}`,
      heading: () => 'Redefina sua senha',
      lead: (app) => `Alguém pediu uma nova senha para a sua conta em ${app}. Use o botão abaixo para escolher uma.`,
      button: 'Escolher nova senha',
      unasked: () => 'Se não foi você, ignore este e-mail e sua senha continuará a mesma.',
    },
    verify_email: {
      subject: (app) => `Verifique seu e-mail para ${app}`,
      heading: () => 'Verifique seu e-mail',
      lead: (app) => `Confirme que este endereço é seu para poder usá-lo em ${app}.`,
      button: 'Verificar e-mail',
      unasked: (app) => `Se você não tem uma conta em ${app}, ignore este e-mail.`,
    },
    unlock: {
      subject: (app) => `Sua conta em ${app} está bloqueada`,
      heading: () => 'Desbloqueie sua conta',
      lead: (app) =>
        `Houve muitas tentativas de entrar na sua conta em ${app} sem sucesso, por isso ela foi bloqueada por segurança.`,
      button: 'Desbloquear conta',
      unasked: () => 'Se não foi você quem tentou, ignore este e-mail. Sua conta continua protegida.',
    },
  },
  codes: {
    otp_login: {
      heading: () => 'Seu código de acesso',
      lead: (app) => `Digite este código para entrar em ${app}.`,
      unasked: () => 'Não o compartilhe com ninguém. Se você não pediu este código, ignore este e-mail.',
    },
    otp_signup: {
      heading: (app) => `Boas-vindas a ${app}`,
      lead: () => 'Digite este código para terminar de criar sua conta.',
      unasked: () => 'Não o compartilhe com ninguém. Se não foi você quem se cadastrou, ignore este e-mail.',
    },
    otp_mfa: {
      heading: () => 'Confirme que é você',
      lead: (app) => `Digite este código para concluir seu acesso a ${app}.`,
      unasked: () =>
        'Não o compartilhe com ninguém. Se você não estava entrando, alguém passou pela primeira etapa: avise seu administrador.',
    },
  },
  code_subject: (code, app) => `${code} é o seu código para ${app}`,
  link_validity: (duration) => `O link expira em ${duration} e só pode ser usado uma vez.`,
  code_validity: (duration) => `O código expira em ${duration}.`,
  fallback: 'Se o botão não funcionar, copie este endereço e cole no navegador:',
  without_password: { question: 'Prefere entrar agora mesmo?', link: 'Entrar sem senha' },
  footer: (app) => `Esta é uma mensagem automática de ${app}.`,
  // "código" and "não" have letters that a plain SMS does not know.
  short_code: (code, app, duration) =>
    `Use ${code} para entrar em ${app}. Expira em ${duration}. Nunca compartilhe com ninguém.`,
}

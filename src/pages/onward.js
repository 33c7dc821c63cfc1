/** Goes on to where the button leads, without leaving this page in the history. */
const button = document.getElementById('onward')
setTimeout(() => location.replace(button.href), Number(button.dataset.wait ?? 0))

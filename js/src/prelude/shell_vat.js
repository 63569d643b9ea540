// The vat behind the prompt of a shell.

const { shell } = globalThis.__library;
export default syscall => shell(syscall);

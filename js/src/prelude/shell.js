// What the prompt of a shell has besides.

function shellGlobals() {
  const tables = () => parse(host.tables());
  g.dump2 = tables;
  g.dump = () => {
    const { kernelTable, promises, runQueue } = tables();
    say('Kernel Table:');
    say(inspect(kernelTable));
    say('Promises:');
    say(inspect(promises));
    say('Run Queue:');
    say(inspect(runQueue));
  };
  g.step = () => { host.want('step'); };
  g.run = () => { host.want('run'); };
}

const shownAs = text => record('Shown', text.toWellFormed());
const uncaught = e => shownAs(`Uncaught ${e instanceof Error ? errorText(e) : inspect(e)}`);

function shell(syscall) {
  return liveSlots(syscall, () => harden({
    adopt(vats, peer) {
      g.vats = { ...vats };
      if (peer !== undefined) g.captp = harden(address => E(peer).enliven(address));
    },
    eval(line) {
      const [value, mistake, isPromise, isSilent] = host.evaluate(line);
      if (mistake !== undefined) return shownAs(`Uncaught ${mistake}`);
      const show = v => shownAs(isSilent && v === undefined ? '' : inspect(v));
      return isPromise ? value.then(result => show(result.value), uncaught) : show(value);
    },
  }), false);
}

// Speaks to two running `captp_peer` with Endo's package `@endo/ocapn`, and says what works.
//
// Arguments: the directory of the package, the framing (`syrup` or `none`, as the package calls it),
// and the addresses of the two peers. The exit code is 1 if a step failed. `ENDO_VERBOSE=1` shows
// what the package logs.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [directory, framing, ...addresses] = process.argv.slice(2);
const require = createRequire(`${directory}/package.json`);
const load = name => import(pathToFileURL(require.resolve(name)).href);
await load('@endo/init');
const { E } = await load('@endo/eventual-send');
const { Far } = await load('@endo/marshal');
const { passableSymbolForName: symbol, makeTagged } = await load('@endo/pass-style');
const { makeClient, swissnumFromBytes } = await load('@endo/ocapn');
const { makeTcpNetLayer } = await load('@endo/ocapn/netlayer/tcp-testing');

const verbose = process.env.ENDO_VERBOSE === '1';
const quiet = () => {};
const logger = harden(
    verbose ? { log: console.log, info: console.log, error: console.log } : { log: quiet, info: quiet, error: quiet },
);

const location = address => {
    const uri = new URL(address);
    const [designator, transport] = uri.hostname.split(/\.(?=[^.]*$)/);
    return harden({ type: 'ocapn-peer', transport, designator, hints: Object.fromEntries(uri.searchParams) });
};

const client = async name => {
    const it = makeClient({ debugLabel: name, logger });
    const options = { logger, framing, specifiedDesignator: name };
    const netlayer = await it.registerNetlayer(handlers => makeTcpNetLayer({ handlers, ...options }));
    const address = (where, swiss) => it.makeSturdyRef(where, swissnumFromBytes(new TextEncoder().encode(swiss)));
    return {
        location: netlayer.location,
        publish: (swiss, object) => it.registerSturdyRef(swiss, object),
        address,
        fetch: (where, swiss) => it.enlivenSturdyRef(address(where, swiss)),
        session: where => it.provideSession(where),
        shutdown: () => it.shutdown(),
    };
};

const ECHO = 'IO58l1laTyhcrgDKbEzFOO32MDd6zE5w';
const CARS = 'JadQ0++RzsD4M+40uLxTWVaVqM10DcBJ';
const GREETER = 'VMDDd1voKWarCe2GvgLbxbVFysNzRPzx';
const PROMISES = 'IokCxYmMj04nos2JN1TDoY1bT8dXh6Lr';
const ENLIVENER = 'gi02I1qghIwPiKGKleCQAOhpy3ZtYRpB';

const show = value =>
    JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? `${it}n` : it instanceof Uint8Array ? [...it] : it));
const expect = (found, wanted) => {
    if (found !== wanted) throw Error(`${show(found)} instead of ${show(wanted)}`);
};
const broken = async promise => {
    const answer = await promise.then(value => ({ value }), reason => ({ reason }));
    if ('value' in answer) throw Error(`fulfilled with ${show(answer.value)}`);
    return answer.reason;
};
// An object of Endo's, and what it hears first.
const listener = name => {
    let tell;
    const heard = new Promise(resolve => (tell = resolve));
    return { object: Far(name, (...parts) => tell(parts)), heard };
};

let failed = 0;
const step = async (name, work) => {
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(Error('no answer in 10 s')), 10_000)));
    try {
        await Promise.race([work(), late]);
        console.log(`ok      ${name}`);
    } catch (error) {
        failed += 1;
        console.log(`FAILED  ${name}: ${error instanceof Error ? error.message : show(error)}`);
        if (verbose) console.log(error?.stack);
    }
    clearTimeout(timer);
};

const [near, far] = addresses.map(location);
const alice = await client('alice');
const bob = await client('bob');
const order = harden([symbol('red'), symbol('zoomracer')]);
const sound = 'Vroom! I am a red zoomracer car!';

await step('fetch by swiss number, and call', async () => {
    const echo = await alice.fetch(near, ECHO);
    expect(show(await E(echo)('foo', 1n, false)), show(['foo', 1n, false]));
});
await step('every kind of data goes there and comes home', async () => {
    const echo = await alice.fetch(near, ECHO);
    const sent = harden([
        undefined, null, true, -1n, 1n << 100n, 1.5, 'ä', symbol('sym'), [], [[1n], 'x'],
        { a: 1n, b: { c: [] } }, {}, makeTagged('thing', harden([1n])),
    ]);
    for (const [at, value] of sent.entries()) {
        const [home] = await E(echo)(value).catch(reason => {
            throw Error(`value ${at}, ${show(value)}: ${reason.message}`);
        });
        if (typeof value === 'object' && value !== null) expect(show(home), show(value));
        else if (!Object.is(home, value)) throw Error(`${String(home)} instead of ${String(value)}`);
    }
});
await step('an object of Endo comes home as itself', async () => {
    const echo = await alice.fetch(near, ECHO);
    const { object } = listener('one');
    const [once, twice] = await E(echo)(object, object);
    expect(once === object && twice === object, true);
});
await step('one object is one reference', async () => {
    const echo = await alice.fetch(near, ECHO);
    const [home] = await E(echo)(echo);
    expect(home, echo);
});
await step('fetch, factory, car and drive in one go', async () => {
    const { getBootstrap } = await alice.session(near);
    const builder = E(getBootstrap()).fetch(swissnumFromBytes(new TextEncoder().encode(CARS)));
    expect(await E(E(E(builder)())(order))(), sound);
});
await step('what is sent to a broken answer breaks', async () => {
    const builder = await alice.fetch(near, CARS);
    await broken(E(E(E(builder)())(harden([1n, 2n, 3n])))());
    await broken(alice.fetch(near, 'nobody has this'));
});
await step('an object of Endo is greeted', async () => {
    const { object, heard } = listener('greeted');
    await E(await alice.fetch(near, GREETER))(object);
    expect(show(await heard), show(['Hello']));
});
await step('a send-only message arrives', async () => {
    const { object, heard } = listener('greeted');
    E.sendOnly(await alice.fetch(near, GREETER))(object);
    expect(show(await heard), show(['Hello']));
});
await step('a promise of the peer is fulfilled, and another broken', async () => {
    const maker = await alice.fetch(near, PROMISES);
    const [promise, resolver] = await E(maker)();
    await E(resolver).fulfill('ok');
    expect(await promise, 'ok');
    const [other, breaker] = await E(maker)();
    await E(breaker).break('oh no');
    expect(await broken(other), 'oh no');
});
await step('a promise of Endo is waited for', async () => {
    const echo = await alice.fetch(near, ECHO);
    let settle;
    const [home] = await E(echo)(new Promise(resolve => (settle = resolve)));
    settle('late');
    expect(await home, 'late');
});
await step('a part of an answer is selected (op:index)', async () => {
    const maker = await alice.fetch(near, PROMISES);
    const answer = E(maker)();
    await E(E.get(answer)[1]).fulfill('ok');
    expect(await E.get(answer)[0], 'ok');
});
await step('a field of an answer is selected (op:get)', async () => {
    const answer = E(await alice.fetch(near, ECHO))(harden({ field: 'here' }));
    expect(await E.get(E.get(answer)[0]).field, 'here');
});
await step('hand-off: Endo gives one peer an object of the other, and gets it back', async () => {
    const builder = await alice.fetch(far, CARS);
    const car = await E(E(builder)())(order);
    const [home] = await E(await alice.fetch(near, ECHO))(car);
    expect(await E(home)(), sound);
});
await step('hand-off: Endo gives the peer an object of a third Endo, which the peer calls', async () => {
    const { object, heard } = listener('third');
    bob.publish('third', object);
    const third = await alice.fetch(bob.location, 'third');
    await E(await alice.fetch(far, GREETER))(third);
    expect(show(await heard), show(['Hello']));
});
await step('hand-off: Endo gives a third Endo an object of the peer', async () => {
    bob.publish('driver', Far('driver', car => E(car)()));
    const car = await E(E(await alice.fetch(near, CARS))())(order);
    expect(await E(await alice.fetch(bob.location, 'driver'))(car), sound);
});
await step('hand-off: the peer gives Endo an object of a third Endo', async () => {
    bob.publish('answers', Far('answers', () => 'from bob'));
    const enlivener = await alice.fetch(near, ENLIVENER);
    expect(await E(await E(enlivener)(alice.address(bob.location, 'answers')))(), 'from bob');
});
await step('hand-off: the peer gives Endo an object of another peer', async () => {
    const carol = await client('carol');
    const enlivener = await carol.fetch(near, ENLIVENER);
    const builder = await E(enlivener)(carol.address(far, CARS));
    expect(await E(E(E(builder)())(order))(), sound);
    carol.shutdown();
});
await step('hand-off: what is sent before it is there arrives', async () => {
    const enlivener = await bob.fetch(near, ENLIVENER);
    const builder = E(enlivener)(bob.address(far, CARS));
    expect(await E(E(E(builder)())(order))(), sound);
});
await step('a hundred calls keep their order', async () => {
    const echo = await alice.fetch(near, ECHO);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => E(echo)(BigInt(at))));
    answers.forEach(([found], at) => expect(found, BigInt(at)));
});
await step('what is asked of the peer breaks when the session ends', async () => {
    const dave = await client('dave');
    const answers = E(await dave.fetch(near, PROMISES))();
    const asked = E(E.get(answers)[0])('nobody settles what this is sent to');
    await answers;
    (await dave.session(near)).abort(Error('enough'));
    await broken(asked);
    dave.shutdown();
});
alice.shutdown();
bob.shutdown();
process.exit(failed === 0 ? 0 : 1);

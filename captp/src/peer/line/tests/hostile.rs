//! The process ends for a reason that is said, or goes on, whatever a peer says (K9).

use super::*;

const MESSAGES: [&str; 14] = [
    "<10'op:deliver<11'desc:export0+>[4'echo7+]0+<18'desc:import-object5+>>",
    "<10'op:deliver<11'desc:export0+>[5'later]1+<18'desc:import-object6+>>",
    "<10'op:deliver<11'desc:answer1+>[4'note3\"now]2+<18'desc:import-object7+>>",
    "<10'op:deliver<11'desc:export0+>[5'greet<19'desc:import-promise4+>]ff>",
    "<10'op:deliver<11'desc:export0+>[6'settle<11'desc:answer1+>]ff>",
    "<10'op:deliver<11'desc:export0+>[7'another]3+f>",
    "<10'op:deliver<11'desc:export1+>[7'fulfill<11'desc:export0+>]ff>",
    "<10'op:deliver<11'desc:export2+>[5'break<11'desc:answer0+>]4+f>",
    "<9'op:listen<11'desc:answer1+><18'desc:import-object8+>f>",
    "<9'op:listen<11'desc:export1+><18'desc:import-object8+>f>",
    "<8'op:index<11'desc:answer0+>0+5+>",
    "<13'op:gc-exports[1+2+][1+1+]>",
    "<13'op:gc-answers[0+1+]>",
    "<10'op:deliver<11'desc:export0+>[4'keep[<18'desc:import-object4+><18'desc:import-object9+>]]ff>",
];

/// Numbers that look random: xorshift.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    /// The messages, of which some are left out, and some have a byte that is wrong.
    fn script(&mut self, worst: usize) -> Script {
        let mut script = Script::greeted();
        for (second, message) in (1..).zip(MESSAGES) {
            let mut message = message.as_bytes().to_vec();
            if self.below(24) < worst {
                let at = self.below(message.len());
                match self.below(4) {
                    0 => message[at] = b"0123456789+-<>[]{}#$'\"tf"[self.below(24)],
                    1 => drop(message.remove(at)),
                    2 => message.insert(at, message[at / 2]),
                    _ => continue,
                }
            }
            script = script.says_bytes(second, message);
        }
        script
    }
}

#[test]
fn k9_no_peer_breaks_the_process() {
    let mut stood = 0;
    for seed in 1..=40 {
        for worst in 0..4 {
            let mut talk = Numbers(seed << 1).script(worst).accepted();
            let asked: Vec<_> = (0..3u8).map(|n| talk.ask("ask", (n,))).collect();
            talk.until(20);
            let exits = talk.sim.exits();
            let session = exits.iter().find(|exit| exit.name == Some(Symbol::new("captp-session").into()));
            match session {
                None => stood += 1,
                Some(exit) => {
                    assert!(exit.reason.decode::<SessionEnded>().is_some(), "{seed}: {}", exit.reason);
                    assert!(asked.iter().all(|asked| asked.answer().is_some()), "{seed}");
                    assert!(talk.roster.lock().unwrap().is_empty(), "{seed}");
                }
            }
            assert!(exits.len() <= 1, "{seed}: nobody else is harmed: {exits:?}");
        }
    }
    assert!(stood > 40, "those without mistakes go on, and some others: {stood}");
}

//! Random programs: the deeds of players, which have things in their hands.

use proptest::collection::vec;
use proptest::prelude::*;

/// The deeds of a player. Hands and resolvers are counted around.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Sends a note to what is in a hand, perhaps with a reference in it.
    Note {
        to: usize,
        with: Option<usize>,
        want: Want,
        answer: Answer,
    },
    Make {
        in_a_process: bool,
    },
    Promise,
    Forwarded {
        here: usize,
    },
    Close {
        resolver: usize,
    },
    Settle {
        resolver: usize,
        with: Answer,
    },
    Abandon {
        resolver: usize,
    },
    Drop {
        hand: usize,
    },
    When {
        hand: usize,
    },
    Watch {
        hand: usize,
    },
    Quit,
    QuitVm,
    Fail,
}

/// The fates of the promise of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Want {
    Nothing,
    Hold,
    When,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answer {
    Data,
    Hand(usize),
    Error,
    Failure,
}

/// The deeds of the host.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Tells a player to do something; which players there are is counted around.
    Do(usize, Op),
    Run(usize),
}

/// Where the players are that are there at the start, whom else each of them knows, and what
/// happens.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) players: Vec<(usize, Vec<usize>)>,
    pub(super) steps: Vec<Step>,
}

/// The VMs: the ground, two in it, one in one of them, one in that.
pub(super) const VMS: [&[usize]; 5] = [&[], &[1], &[2], &[1, 1], &[1, 1, 1]];

fn op() -> impl Strategy<Value = Op> {
    let at = || 0..6usize;
    let answer = || {
        prop_oneof![
            4 => Just(Answer::Data), 4 => at().prop_map(Answer::Hand), 1 => Just(Answer::Error)
        ]
    };
    let note_answer = prop_oneof![30 => answer(), 1 => Just(Answer::Failure)];
    let want = prop_oneof![2 => Just(Want::Nothing), 3 => Just(Want::Hold), 2 => Just(Want::When)];
    prop_oneof![
        14 => (at(), prop::option::of(at()), want, note_answer)
            .prop_map(|(to, with, want, answer)| Op::Note { to, with, want, answer }),
        2 => any::<bool>().prop_map(|in_a_process| Op::Make { in_a_process }),
        4 => Just(Op::Promise),
        1 => at().prop_map(|here| Op::Forwarded { here }),
        1 => at().prop_map(|resolver| Op::Close { resolver }),
        5 => (at(), answer()).prop_map(|(resolver, with)| Op::Settle { resolver, with }),
        1 => at().prop_map(|resolver| Op::Abandon { resolver }),
        2 => at().prop_map(|hand| Op::Drop { hand }),
        5 => at().prop_map(|hand| Op::When { hand }),
        1 => at().prop_map(|hand| Op::Watch { hand }),
        1 => prop_oneof![4 => Just(Op::Quit), 1 => Just(Op::QuitVm), 4 => Just(Op::Fail)],
    ]
}

pub(super) fn program() -> impl Strategy<Value = Program> {
    let player = (0..VMS.len(), vec(0..5usize, 1..3));
    let step = prop_oneof![
        5 => (0..8usize, op()).prop_map(|(who, op)| Step::Do(who, op)),
        1 => (1..12usize).prop_map(Step::Run)
    ];
    (vec(player, 2..5), vec(step, 1..60)).prop_map(|(players, steps)| Program { players, steps })
}

//! Processes and endpoints that are gone leave nothing. PIDs, for one, are never used again: a
//! table by PID would grow for ever.

mod connections;
mod ducts;
mod levels;
mod network;
mod processes;

use std::ops::Range;

use crate::{Figure, live};

/// How many come at once.
const BATCH: u64 = 100;

pub(crate) fn figures() -> [Figure; 12] {
    let none = |what, is| Figure { what, is, at_most: 0 };
    [
        none("bytes more after processes", processes::processes()),
        none("bytes more after failures and continuations", processes::failures()),
        none("bytes more after endpoints", network::endpoints()),
        none("bytes more after topics of ever new shapes", network::shapes()),
        none("bytes more after peers that somebody counts", network::counted()),
        none("bytes more after nested VMs", levels::nested()),
        none("bytes more after endpoints of processes in a nested VM", levels::outer()),
        none("bytes more after endpoints of one process in a nested VM", levels::outer_of_one()),
        none("bytes more after sources", levels::sources()),
        none("bytes more after connections that were refused", connections::refused()),
        none("bytes more after answers", ducts::answers()),
        none("bytes more after ducts without an answer", ducts::lost()),
    ]
}

/// How many bytes more are in use after twice as many as there had been after these batches: what
/// doubles its room has done it in between.
///
/// In each batch the first ones come, numbers that were not used before, then the second ones go,
/// those of the batch before. In the first batch there are more than ever again at once: then all
/// tables have room to spare, and none takes more because of how it is filled.
fn grown(batches: u64, mut batch: impl FnMut(Range<u64>, Range<u64>)) -> usize {
    const FIRST: u64 = 3;
    let mut there = 0..0;
    let mut next = |size: u64| {
        let come = there.end..there.end + size;
        let gone = std::mem::replace(&mut there, come.clone());
        batch(come, gone);
    };
    next(FIRST * BATCH);
    (0..batches).for_each(|_| next(BATCH));
    let before = live();
    (0..FIRST + batches).for_each(|_| next(BATCH));
    live().saturating_sub(before)
}

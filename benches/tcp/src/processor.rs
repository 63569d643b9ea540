//! How much time another process has had on a processor.

use std::io;
use std::time::Duration;

use rustix::param::clock_ticks_per_second;

/// Of all threads of a process, since it began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spent {
    /// In the program.
    pub(crate) program: Duration,
    /// In the kernel, for the program.
    pub(crate) kernel: Duration,
}

/// The processor time that the kernel has counted, in steps of its clock (usually 10 ms).
pub(crate) fn spent(pid: u32) -> io::Result<Spent> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse(&stat, clock_ticks_per_second()).ok_or_else(|| io::Error::other(format!("not understood: {stat}")))
}

fn parse(stat: &str, ticks_per_second: u64) -> Option<Spent> {
    // The second field is a name in parentheses and may hold anything; the third comes after the
    // last of them.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(14 - 3);
    let mut time = || {
        Some(Duration::from_secs(1) * fields.next()?.parse().ok()? / u32::try_from(ticks_per_second).ok()?)
    };
    Some(Spent { program: time()?, kernel: time()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_times_are_the_14th_and_the_15th_field() {
        let stat = "7 (a ) b) S 4 5 6 7 8 9 10 11 12 13 250 3 16 17";
        let spent = Spent { program: Duration::from_millis(2500), kernel: Duration::from_millis(30) };
        assert_eq!(parse(stat, 100), Some(spent));
        assert_eq!(parse("7 (x) S 4", 100), None);
    }
}

//! Time by the clock on the wall, and by the processor.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// The time that something took, in nanoseconds for each operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// By the clock on the wall.
    pub wall: f64,
    /// By the processor time of this program, all threads. The steadier one where other programs
    /// run.
    pub cpu: f64,
}

/// Measures from when it was started.
#[derive(Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self { wall: Instant::now(), cpu: processor_time() }
    }

    /// The time that each of so many operations took since the start.
    pub fn each_of(&self, operations: u64) -> Sample {
        let (wall, cpu) = (self.wall.elapsed(), processor_time() - self.cpu);
        let each = |time: Duration| time.as_nanos() as f64 / operations as f64;
        Sample { wall: each(wall), cpu: each(cpu) }
    }
}

fn processor_time() -> Duration {
    // A process's own time is never negative.
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

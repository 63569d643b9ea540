//! The median of a row's samples, and how far they spread.

use harness::Record;

/// The statistics of a row's samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    /// A tenth of the samples are below, and a tenth above.
    pub(crate) spread: (f64, f64),
}

impl Figure {
    /// By processor time where there is such; it is the steadier.
    pub(crate) fn of(record: &Record) -> Self {
        let mut samples =
            if record.cpu_samples.is_empty() { record.samples.clone() } else { record.cpu_samples.clone() };
        samples.sort_by(f64::total_cmp);
        Self { median: at(&samples, 0.5), spread: (at(&samples, 0.1), at(&samples, 0.9)) }
    }
}

/// The value at this place between the first (0) and the last (1) of them: between two, a mean of
/// both.
fn at(sorted: &[f64], place: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = place * last as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    sorted[low] * (1.0 - part) + sorted[(low + 1).min(last)] * part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::record;

    #[test]
    fn a_figure_is_the_median_and_the_tenths() {
        let eleven: Vec<f64> = (0..=10).rev().map(f64::from).collect();
        let figure = Figure::of(&record("tokio", "{}", &eleven));
        assert_eq!(figure, Figure { median: 5.0, spread: (1.0, 9.0) });
        assert_eq!(Figure::of(&record("tokio", "{}", &[1.0, 2.0])).median, 1.5);
        assert_eq!(Figure::of(&record("tokio", "{}", &[3.0])), Figure { median: 3.0, spread: (3.0, 3.0) });
    }

    #[test]
    fn without_processor_time_the_clock_on_the_wall_counts() {
        let mut record = record("tokio", "{}", &[]);
        record.samples = vec![7.0];
        assert_eq!(Figure::of(&record).median, 7.0);
    }
}

//! From figures to places in a picture.

/// A logarithmic axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// The powers of ten at its two ends.
    powers: (i32, i32),
    /// Where those are.
    places: (f64, f64),
}

impl Scale {
    /// Whole decades, at least one, that hold all of these; they lie between these two places.
    pub(crate) fn covering(figures: impl IntoIterator<Item = f64>, places: (f64, f64)) -> Self {
        let powers = figures.into_iter().filter(|figure| *figure > 0.0).map(f64::log10);
        let (low, high) =
            powers.fold((f64::MAX, f64::MIN), |(low, high), power| (low.min(power), high.max(power)));
        if low > high {
            return Self { powers: (0, 1), places };
        }
        let low = low.floor() as i32;
        Self { powers: (low, (high.ceil() as i32).max(low + 1)), places }
    }

    /// Where a figure is.
    pub(crate) fn at(&self, figure: f64) -> f64 {
        let (low, high) = (f64::from(self.powers.0), f64::from(self.powers.1));
        let share = (figure.log10() - low) / (high - low);
        self.places.0 + share * (self.places.1 - self.places.0)
    }

    /// The powers of ten on it.
    pub(crate) fn decades(&self) -> impl Iterator<Item = f64> {
        (self.powers.0..=self.powers.1).map(|power| 10f64.powi(power))
    }
}

/// A number of nanoseconds that is a power of ten.
pub(crate) fn time(nanoseconds: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")];
    // A power of ten may be off by a little.
    let (unit, name) = units.into_iter().find(|(unit, _)| nanoseconds >= unit * 0.999).unwrap_or((1.0, "ns"));
    format!("{} {name}", (nanoseconds / unit * 1000.0).round() / 1000.0)
}

/// A number of things that is a power of ten.
pub(crate) fn count(things: f64) -> String {
    match things {
        1e6.. => format!("{} M", things / 1e6),
        1e3.. => format!("{} k", things / 1e3),
        _ => things.to_string(),
    }
}

/// Moves these places, which are in order, apart until each is so far from the next, all above the
/// lowest and, if there is room, below the highest.
pub(crate) fn spread(places: &mut [f64], gap: f64, lowest: f64, highest: f64) {
    let mut least = lowest;
    for place in places.iter_mut() {
        *place = place.max(least);
        least = *place + gap;
    }
    let mut most = highest.max(lowest + gap * places.len().saturating_sub(1) as f64);
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_whole_decades() {
        let scale = Scale::covering([57.0, 630.0, 0.0], (0.0, 100.0));
        assert_eq!(scale.decades().collect::<Vec<_>>(), [10.0, 100.0, 1000.0]);
        assert_eq!((scale.at(10.0), scale.at(100.0), scale.at(1000.0)), (0.0, 50.0, 100.0));
        assert!((scale.at(316.227_766) - 75.0).abs() < 1e-6);
    }

    #[test]
    fn an_axis_may_go_up_and_has_at_least_one_decade() {
        let up = Scale::covering([1000.0], (100.0, 0.0));
        assert_eq!((up.at(1000.0), up.at(10_000.0)), (100.0, 0.0));
        assert_eq!(Scale::covering([], (0.0, 1.0)).decades().count(), 2);
    }

    #[test]
    fn ticks_are_said_in_short() {
        assert_eq!(
            [1.0, 100.0, 1e3, 1e5, 1e7, 1e9].map(time),
            ["1 ns", "100 ns", "1 µs", "100 µs", "10 ms", "1 s"]
        );
        assert_eq!([10.0, 1e3, 1e5, 1e6].map(count), ["10", "1 k", "100 k", "1 M"]);
        assert_eq!(time(0.1), "0.1 ns");
    }

    #[test]
    fn labels_do_not_overlap() {
        let mut places = [5.0, 50.0, 51.0, 52.0, 99.0];
        spread(&mut places, 10.0, 10.0, 100.0);
        assert_eq!(places, [10.0, 50.0, 60.0, 70.0, 99.0]);
        let mut low = [95.0, 96.0, 99.0];
        spread(&mut low, 10.0, 0.0, 100.0);
        assert_eq!(low, [80.0, 90.0, 100.0]);
        let mut crowded = [0.0; 3];
        spread(&mut crowded, 10.0, 0.0, 5.0);
        assert_eq!(crowded, [0.0, 10.0, 20.0], "apart, even where there is no room");
    }
}

//! A chart as SVG: panels side by side, both axes logarithmic, a line for each contender with its
//! name at its end.

use std::fmt::Write;

use crate::scale::{Scale, count, spread, time};

/// A chart to be drawn.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) title: String,
    /// The quantity that grows from left to right.
    pub(crate) across: String,
    pub(crate) panels: Vec<Panel>,
    pub(crate) note: String,
}

#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) who: String,
    pub(crate) name: String,
    pub(crate) dashed: bool,
    /// How many, and nanoseconds each; from left to right.
    pub(crate) points: Vec<(f64, f64)>,
}

/// A chart of one panel, and of several: how wide each of them is.
const ALONE: f64 = 760.0;
const BESIDE: f64 = 560.0;
/// The margins of a plot; names are on its right.
const NAMES: f64 = 190.0;
const HEIGHT: f64 = 330.0;
const LEFT: f64 = 78.0;
const TOP: f64 = 88.0;
const BELOW: f64 = 84.0;
const LINE_OF_TEXT: f64 = 16.0;

/// The contenders' colours. People who see few colours can tell them apart, too, and on white.
const COLOURS: [(&str, &str); 9] = [
    ("marketplace", "#d1242f"),
    ("tokio", "#1f2328"),
    ("actix", "#0969da"),
    ("xtra", "#1a7f8e"),
    ("ractor", "#bf8700"),
    ("kameo", "#8250df"),
    ("capnp-rpc", "#bc4c00"),
    ("tarpc", "#6639ba"),
    ("syndicate", "#1a7f37"),
];
const OTHERS: &str = "#6e7781";

impl Chart {
    pub(crate) fn svg(&self) -> String {
        let each = if self.panels.len() > 1 { BESIDE } else { ALONE };
        let (width, height) = (each * self.panels.len() as f64, TOP + HEIGHT + BELOW);
        let title = escaped(&self.title);
        let mut svg = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13" fill="#1f2328">
<rect width="100%" height="100%" rx="6" fill="#ffffff"/>
<text x="24" y="36" font-size="19" font-weight="600">{title}</text>
"##
        );
        // The panels have one scale, so that they can be compared.
        let costs = self.panels.iter().flat_map(|panel| panel.points()).map(|(_, cost)| cost);
        let up = Scale::covering(costs, (TOP + HEIGHT, TOP));
        for (place, panel) in self.panels.iter().enumerate() {
            let left = each * place as f64 + LEFT;
            panel.draw(&mut svg, (left, left + each - LEFT - NAMES), &up, &self.across);
        }
        text(&mut svg, 24.0, height - 14.0, r##"font-size="11" fill="#59636e""##, &self.note);
        svg + "</svg>\n"
    }
}

impl Panel {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.lines.iter().flat_map(|line| line.points.iter().copied())
    }

    fn draw(&self, svg: &mut String, (left, right): (f64, f64), up: &Scale, across: &str) {
        let bottom = TOP + HEIGHT;
        let along = Scale::covering(self.points().map(|(n, _)| n), (left, right));
        text(svg, left, TOP - 16.0, r#"font-weight="600""#, &self.title);
        for cost in up.decades() {
            let y = up.at(cost);
            rule(svg, (left, y), (right, y), "#d8dee4");
            text(svg, left - 10.0, y + 4.5, r#"text-anchor="end""#, &time(cost));
        }
        for n in along.decades() {
            let x = along.at(n);
            rule(svg, (x, TOP), (x, bottom), "#eaeef2");
            text(svg, x, bottom + 20.0, r#"text-anchor="middle""#, &count(n));
        }
        rule(svg, (left, bottom), (right, bottom), "#59636e");
        text(svg, (left + right) / 2.0, bottom + 44.0, r##"text-anchor="middle" fill="#59636e""##, across);
        // The one at the top is drawn last.
        for line in self.lines.iter().rev() {
            line.draw(svg, &along, up);
        }
        self.name_lines(svg, &along, up);
    }

    /// Names at the right, each as near to the end of its line as the others allow.
    fn name_lines(&self, svg: &mut String, along: &Scale, up: &Scale) {
        let ends = self
            .lines
            .iter()
            .filter_map(|line| line.points.last().map(|(n, cost)| (line, along.at(*n), up.at(*cost))));
        let mut ends: Vec<_> = ends.collect();
        ends.sort_by(|one, other| one.2.total_cmp(&other.2));
        let mut places: Vec<f64> = ends.iter().map(|(_, _, y)| *y).collect();
        spread(&mut places, LINE_OF_TEXT, TOP, TOP + HEIGHT);
        let right = ends.iter().map(|(_, x, _)| *x).fold(0.0, f64::max);
        for ((line, x, y), place) in ends.into_iter().zip(places) {
            let colour = line.colour();
            leader(svg, [(x + 5.0, y), (right + 8.0, y), (right + 22.0, place)], colour);
            let weight = if line.is_ours() { 700 } else { 400 };
            text(
                svg,
                right + 27.0,
                place + 4.5,
                &format!(r#"fill="{colour}" font-weight="{weight}""#),
                &line.name,
            );
        }
    }
}

impl Line {
    fn is_ours(&self) -> bool {
        self.who == COLOURS[0].0
    }

    fn colour(&self) -> &'static str {
        COLOURS.iter().find(|(who, _)| *who == self.who).map_or(OTHERS, |(_, colour)| colour)
    }

    fn draw(&self, svg: &mut String, along: &Scale, up: &Scale) {
        let points: Vec<_> = self.points.iter().map(|(n, cost)| (along.at(*n), up.at(*cost))).collect();
        let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let (colour, width) = (self.colour(), if self.is_ours() { 3.5 } else { 2.0 });
        let dashes = if self.dashed { r#" stroke-dasharray="6 4""# } else { "" };
        let _ = writeln!(
            svg,
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{dashes}/>"#,
            path.join(" ")
        );
        for (x, y) in points {
            let _ = writeln!(
                svg,
                r#"<circle cx="{x:.1}" cy="{y:.1}" r="{:.1}" fill="{colour}"/>"#,
                width / 2.0 + 1.5
            );
        }
    }
}

/// A thin line from the end of a line to its name.
fn leader(svg: &mut String, points: [(f64, f64); 3], colour: &str) {
    let path = points.map(|(x, y)| format!("{x:.1},{y:.1}")).join(" ");
    let _ =
        writeln!(svg, r#"<polyline points="{path}" fill="none" stroke="{colour}" stroke-opacity="0.45"/>"#);
}

fn rule(svg: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    let _ = writeln!(
        svg,
        r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="{colour}"/>"#,
        from.0, from.1, to.0, to.1
    );
}

/// Writing to a string does not fail.
fn text(svg: &mut String, x: f64, y: f64, style: &str, text: &str) {
    let _ = writeln!(svg, r#"<text x="{x:.1}" y="{y:.1}" {style}>{}</text>"#, escaped(text));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_names_its_lines_and_what_comes_from_outside_stays_text() {
        let line = |who: &str| Line {
            who: who.into(),
            name: format!("{who} <1"),
            dashed: false,
            points: vec![(10.0, 100.0), (1000.0, 100.0)],
        };
        let panel = Panel { title: "a & b".into(), lines: vec![line("tokio"), line("marketplace")] };
        let chart = Chart { title: "t".into(), across: "n".into(), panels: vec![panel], note: String::new() };
        let svg = chart.svg();
        assert!(svg.contains(">tokio &lt;1</text>") && svg.contains(">a &amp; b</text>"), "{svg}");
        assert!(svg.contains(">100 ns</text>") && svg.contains(">1 k</text>"), "{svg}");
        // Both lines end at the same place, but their names do not lie there.
        let names: Vec<_> = svg.lines().filter(|line| line.contains("&lt;1")).collect();
        let place = |line: &str| {
            line.split("y=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse::<f64>().ok())
        };
        assert!((place(names[0]).unwrap() - place(names[1]).unwrap()).abs() >= LINE_OF_TEXT, "{names:?}");
    }
}

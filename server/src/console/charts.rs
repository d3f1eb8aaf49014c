//! Charts, drawn here as SVG inside the page. What they show stands in a table beside them, so that who cannot see
//! a picture misses nothing, and none is read out.

use charts_rs::{BarChart, Color, HorizontalBarChart, Series, YAxisConfig};
use maud::{Markup, PreEscaped, html};
use unicode_width::UnicodeWidthStr;

/// As wide as drawn; a page makes it as wide as it has room. Wide enough for twelve months, and its text still large
/// enough to read on a phone.
const WIDTH: f32 = 440.0;
/// Of bars that stand.
const HEIGHT: f32 = 320.0;
/// Of each label of bars that lie: room around, and each bar; together at least as high as a line of the table beside it.
const ROOM: f32 = 12.0;
const BAR: f32 = 10.0;
const LINE: f32 = 33.0;
/// Above, below and at the right of what is drawn, and the height of the axis below.
const EDGE: f32 = 5.0;
const RIGHT: f32 = 18.0;
const AXIS: f32 = 28.0;
const TEXT: f32 = 13.0;
/// The console's accent and the colour of what is to be attended to: far apart in brightness too.
const COLOURS: [&str; 2] = ["#1f5c4d", "#d9a441"];
const INK: &str = "#5a5d52";
const LINES: &str = "#ddd5c4";
/// An axis has so many steps at most.
const STEPS: u64 = 6;

/// Bars that stand, a group for each label.
pub(crate) fn standing(labels: Vec<String>, series: &[(&str, Vec<u64>)]) -> Markup {
    let mut chart = BarChart::new_with_theme(rows(series), labels, "light");
    chart.height = HEIGHT;
    dress(&mut chart.base, &mut chart.y_axis_configs);
    chart.margin.top = TEXT;
    end_round(&mut chart.y_axis_configs, series);
    drawn(chart.svg().ok(), series, series.len() > 1, &html! {})
}

/// Bars that lie, a group for each label, from the top; `most` is where the axis ends, if that is known. Where the last
/// series is nothing but noughts, no room is left for its bars.
pub(crate) fn lying(labels: &[String], all: &[(&str, Vec<u64>)], most: Option<u8>) -> Markup {
    let series = match all {
        [first, .., last] if last.1.iter().all(|value| *value == 0) => std::slice::from_ref(first),
        _ => all,
    };
    let count = labels.len() as f32;
    let height = count * (ROOM + BAR * series.len() as f32).max(LINE) + AXIS + 2.0 * EDGE;
    let widest = labels.iter().map(|label| label.width()).max().unwrap_or_default();
    let left = (widest as f32 * TEXT / 2.0 + 8.0).min(WIDTH / 2.0);
    // The library draws from the bottom.
    let upwards =
        series.iter().map(|(name, values)| (*name, values.iter().rev().copied().collect::<Vec<_>>()));
    let upwards: Vec<(&str, Vec<u64>)> = upwards.collect();
    let mut chart =
        HorizontalBarChart::new_with_theme(rows(&upwards), labels.iter().rev().cloned().collect(), "light");
    chart.height = height;
    dress(&mut chart.base, &mut chart.y_axis_configs);
    chart.x_axis.height = AXIS;
    // It measures letters that it has no font for too narrow, so the labels are set here.
    chart.y_axis_hidden = true;
    chart.margin = charts_rs::Box { left, top: EDGE, right: RIGHT, bottom: EDGE };
    end_round(&mut chart.y_axis_configs, series);
    if let (Some(axis), Some(most)) = (chart.y_axis_configs.first_mut(), most) {
        axis.max = Some(f32::from(most));
        axis.split_number = 5;
    }
    let step = (height - AXIS - 2.0 * EDGE) / count.max(1.0);
    let names = html! {
        g font-size=(TEXT) fill=(INK) text-anchor="end" { @for (place, label) in labels.iter().enumerate() {
            text x=(left - 6.0) y=(EDGE + step * (place as f32 + 0.5) + TEXT / 2.0 - 2.0) { (label) }
        } }
    };
    drawn(chart.svg().ok(), series, all.len() > 1, &names)
}

/// Ends an axis at a round number at or above what it shows, in round steps, and writes its numbers out.
fn end_round(axes: &mut [YAxisConfig], series: &[(&str, Vec<u64>)]) {
    let most = series.iter().flat_map(|(_, values)| values).max().copied().unwrap_or_default().max(1);
    let step = round_step(most);
    let steps = most.div_ceil(step);
    for axis in axes {
        axis.max = Some((step * steps) as f32);
        axis.split_number = usize::try_from(steps).unwrap_or(STEPS as usize);
        axis.formatter = Some("{t}".to_owned());
    }
}

/// The smallest of 1, 2, 5, 10, 20 and so on of which [`STEPS`] reach `most`.
fn round_step(most: u64) -> u64 {
    let mut ten: u64 = 1;
    loop {
        match [1, 2, 5].map(|digit| digit * ten).into_iter().find(|step| step.saturating_mul(STEPS) >= most) {
            Some(step) => return step,
            None => ten = ten.saturating_mul(10),
        }
    }
}

fn rows(series: &[(&str, Vec<u64>)]) -> Vec<Series> {
    let row = |(name, values): &(&str, Vec<u64>)| {
        Series::from((*name, values.iter().map(|value| *value as f32).collect::<Vec<_>>()))
    };
    series.iter().map(row).collect()
}

/// The console's colours on no ground of its own, its text in the page's letters.
fn dress(base: &mut charts_rs::ChartBase, y_axes: &mut [YAxisConfig]) {
    let ink = Color::from(INK);
    base.width = WIDTH;
    base.font_family = "inherit".to_owned();
    base.background_color = Color::transparent();
    base.legend.show = Some(false);
    base.series.colors = COLOURS.iter().map(|colour| Color::from(*colour)).collect();
    base.grid.stroke_color = Color::from(LINES);
    base.x_axis.stroke_color = Color::from(LINES);
    base.x_axis.font.size = TEXT;
    base.x_axis.font.color = ink;
    for axis in y_axes {
        axis.font.size = TEXT;
        axis.font.color = ink;
        axis.stroke_color = Color::from(LINES);
    }
}

/// The picture with `more` in it, and what its colours mean where that is to be said.
fn drawn(svg: Option<String>, series: &[(&str, Vec<u64>)], named: bool, more: &Markup) -> Markup {
    let body = svg.and_then(|svg| Some(svg.trim_end().strip_suffix("</svg>")?.to_owned()));
    html! { @if let Some(body) = body {
        div.chart aria-hidden="true" {
            @if named {
                p.series { @for (place, (name, _)) in series.iter().enumerate() {
                    span.series-mark.second[place > 0] {} (name)
                } }
            }
            (PreEscaped(body)) (more) (PreEscaped("</svg>"))
        }
    } }
}

#[cfg(test)]
mod tests {
    use super::round_step;

    #[test]
    fn an_axis_goes_up_in_round_steps() {
        for (most, step) in [(1, 1), (6, 1), (7, 2), (13, 5), (56, 10), (2_909, 500), (6_001, 2_000)] {
            assert_eq!(round_step(most), step, "{most}");
        }
    }
}

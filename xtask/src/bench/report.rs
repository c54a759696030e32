//! The figures: as a table, and as a file that a later run can be compared with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// One scenario's figures. What doesn't apply is absent.
pub struct Row {
    pub scenario: &'static str,
    pub unit: &'static str,
    pub value: f64,
    /// The same of a bare loop that writes the same bytes.
    pub floor: f64,
    pub target: f64,
    pub postgres: Option<f64>,
    pub pgbouncer: Option<f64>,
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub rss_mib: Option<f64>,
    pub per_second: Option<f64>,
    /// Transactions a second of the same statements by pgbench.
    pub pgbench: Option<f64>,
    pub answer_bytes: Option<f64>,
}

const COLUMNS: [&str; 15] = [
    "scenario",
    "value",
    "floor",
    "above",
    "target",
    "postgres",
    "pgbouncer",
    "p50 ms",
    "p99 ms",
    "RSS MiB",
    "per s",
    "pgbench",
    "bytes",
    "before",
    "unit",
];

impl Row {
    pub fn memory(scenario: &'static str, unit: &'static str, value: f64, floor: f64, target: f64) -> Self {
        let none = None;
        let (postgres, pgbouncer, p50_ms, p99_ms) = (none, none, none, none);
        let (rss_mib, per_second, pgbench, answer_bytes) = (none, none, none, none);
        Self {
            scenario,
            unit,
            value,
            floor,
            target,
            postgres,
            pgbouncer,
            p50_ms,
            p99_ms,
            rss_mib,
            per_second,
            pgbench,
            answer_bytes,
        }
    }

    fn json(&self) -> Value {
        json!({
            "unit": self.unit, "value": self.value, "floor": self.floor, "target": self.target,
            "postgres": self.postgres, "pgbouncer": self.pgbouncer, "p50Ms": self.p50_ms, "p99Ms": self.p99_ms,
            "rssMib": self.rss_mib, "perSecond": self.per_second, "pgbench": self.pgbench, "bytes": self.answer_bytes,
        })
    }

    fn cells(&self, before: Option<f64>) -> [String; 15] {
        let rounded = |places: usize| move |value: f64| format!("{value:.places$}");
        let shown = |value: Option<f64>, places| value.map_or_else(|| "-".to_owned(), rounded(places));
        // CPU seconds are small, memory isn't.
        let places = if self.target < 1.0 { 4 } else { 1 };
        [
            self.scenario.to_owned(),
            rounded(places)(self.value),
            rounded(places)(self.floor),
            rounded(places)(self.value - self.floor),
            shown(Some(self.target), if self.target < 1.0 { 3 } else { 0 }),
            shown(self.postgres, 4),
            shown(self.pgbouncer, 4),
            shown(self.p50_ms, 2),
            shown(self.p99_ms, 2),
            shown(self.rss_mib, 1),
            shown(self.per_second, 0),
            shown(self.pgbench, 0),
            shown(self.answer_bytes, 0),
            before.map_or_else(|| "-".to_owned(), |before| format!("x{:.2}", self.value / before)),
            self.unit.to_owned(),
        ]
    }
}

/// An earlier run's values by scenario.
pub type Before = BTreeMap<String, f64>;

pub fn read(path: &Path) -> Result<Before> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("can't read {shown}"))?;
    parse(&text).with_context(|| format!("{shown} isn't what `bench --json` writes"))
}

fn parse(text: &str) -> Option<Before> {
    let document: Value = serde_json::from_str(text).ok()?;
    let rows = document["scenarios"].as_object()?;
    rows.iter().map(|(name, row)| Some((name.clone(), row["value"].as_f64()?))).collect()
}

/// A file that [`read`] reads.
pub fn json(rows: &[Row]) -> String {
    let scenarios: serde_json::Map<String, Value> =
        rows.iter().map(|row| (row.scenario.to_owned(), row.json())).collect();
    format!("{:#}\n", json!({ "scenarios": scenarios }))
}

/// Right-aligned columns, except the names at both ends.
pub fn table(rows: &[Row], before: &Before) -> String {
    let mut lines = vec![COLUMNS.map(str::to_owned)];
    lines.extend(rows.iter().map(|row| row.cells(before.get(row.scenario).copied())));
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
    let last = COLUMNS.len() - 1;
    let pad = |(column, cell): (usize, &String)| match column {
        0 => format!("{cell:<width$}", width = widths[0]),
        column if column == last => cell.clone(),
        column => format!("{cell:>width$}", width = widths[column]),
    };
    lines.iter().map(|line| line.iter().enumerate().map(pad).collect::<Vec<_>>().join("  ") + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let cheap = Row {
            p99_ms: Some(1.234),
            ..Row::memory("health", "CPU s per 1,000 requests", 0.02, 0.005, 0.012)
        };
        vec![cheap, Row::memory("rest", "MiB RSS after the start", 42.0, 3.0, 30.0)]
    }

    #[test]
    fn what_is_written_can_be_compared_with() {
        let before = parse(&json(&rows())).expect("we have written it");
        assert_eq!(before, Before::from([("health".into(), 0.02), ("rest".into(), 42.0)]));
        assert_eq!(parse("{}"), None);
        assert_eq!(parse(r#"{"scenarios": {"health": {}}}"#), None);
    }

    #[test]
    fn a_row_tells_the_value_the_floor_and_the_rest() {
        let table = table(&rows(), &Before::from([("health".into(), 0.04)]));
        let cells: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(cells[1][..5], ["health", "0.0200", "0.0050", "0.0150", "0.012"]);
        assert!(
            table.lines().nth(1).is_some_and(|line| line.contains("1.23") && line.contains("x0.50")),
            "{table}"
        );
        assert_eq!(cells[2][..5], ["rest", "42.0", "3.0", "39.0", "30"]);
    }
}

//! Which promises the present documents break.

use serde_json::Value;

use super::exchange::{Exchange, Exchanges};
use super::schema::{Comparison, Way};

/// One line for each break.
pub fn broken(
    promised: &Exchanges,
    promised_in: &Value,
    present: &Exchanges,
    present_in: &Value,
) -> Vec<String> {
    let mut breaks = Vec::new();
    for (name, before) in promised {
        let faults = match present.get(name) {
            Some(now) => between(before, promised_in, now, present_in),
            None => vec!["is gone".to_owned()],
        };
        breaks.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    breaks
}

fn between(before: &Exchange, promised_in: &Value, now: &Exchange, present_in: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (what, before, now) in [("its name", &before.id, &now.id), ("its guard", &before.guard, &now.guard)] {
        if before != now {
            faults.push(format!("{what} is {now}, was {before}"));
        }
    }
    for (place, taken) in &before.takes {
        let Some(present) = now.takes.get(place) else {
            faults.push(format!("{place} is no longer taken"));
            continue;
        };
        if present.required && !taken.required {
            faults.push(format!("{place} must be given"));
        }
        let comparison = Comparison { way: Way::Taken, promised: promised_in, present: present_in };
        faults.extend(comparison.faults(place, &taken.schema, &present.schema));
    }
    let new = now.takes.iter().filter(|(place, taken)| taken.required && !before.takes.contains_key(*place));
    faults.extend(new.map(|(place, _)| format!("{place} must be given")));

    for (place, given) in &before.gives {
        let Some(present) = now.gives.get(place) else {
            faults.push(format!("{place} is no longer given"));
            continue;
        };
        let comparison = Comparison { way: Way::Given, promised: promised_in, present: present_in };
        faults.extend(comparison.faults(place, given, present));
    }
    let successes = now.successes.difference(&before.successes);
    faults.extend(successes.map(|status| format!("{status} is given too")));
    let codes = before.problems.difference(&now.problems);
    faults.extend(codes.map(|code| format!("{code} is no longer given")));
    faults
}

#[cfg(test)]
mod tests;

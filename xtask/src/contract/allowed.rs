//! Breaks that are meant: `breaks.md` names each, with its reason.

/// What is wrong: breaks that aren't named, names of nothing, names without a reason.
pub fn judge(breaks: &[String], text: &str) -> Vec<String> {
    let entries: Vec<(&str, &str)> = text.lines().filter_map(entry).collect();
    let named = |fault: &String| entries.iter().any(|(name, _)| name == fault);
    let mut faults: Vec<String> =
        breaks.iter().filter(|fault| !named(fault)).map(|fault| format!("broken: {fault}")).collect();
    for (name, reason) in &entries {
        if !breaks.iter().any(|fault| fault == name) {
            faults.push(format!("allowed, and isn't broken: {name}"));
        }
        if reason.is_empty() {
            faults.push(format!("allowed without a reason: {name}"));
        }
    }
    faults
}

/// A line `` - `the break`: the reason ``.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("- `")?.split_once('`')?;
    Some((name, rest.trim_start_matches(':').trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = "# Breaks\n\n- `GET /a: is gone`: nobody used it\n";

    #[test]
    fn what_is_named_with_a_reason_may_break() {
        assert!(judge(&["GET /a: is gone".into()], BREAKS).is_empty());
    }

    #[test]
    fn what_is_not_named_may_not() {
        let breaks = ["GET /a: is gone".into(), "GET /b: is gone".into()];
        assert_eq!(judge(&breaks, BREAKS), ["broken: GET /b: is gone"]);
    }

    #[test]
    fn a_name_for_nothing_is_a_fault_and_so_is_a_name_without_a_reason() {
        assert_eq!(judge(&[], BREAKS), ["allowed, and isn't broken: GET /a: is gone"]);
        let faults = judge(&["GET /a: is gone".into()], "- `GET /a: is gone`\n");
        assert_eq!(faults, ["allowed without a reason: GET /a: is gone"]);
    }
}

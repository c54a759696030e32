//! Nothing sleeps and hopes; nothing is left for later.

use crate::house::{
    paths::among,
    rule::{Finding, Rule, may},
    source::Sources,
};

const ASKS_AGAIN: &str = "asks again between two tries, until a deadline";
const OF_THE_PROTOCOL: &str = "its authors' own: looks after a server's time is up, which is what it tests";
const DEADLINE: &str = "a deadline that a future of ours is raced against";

pub const WAITS: Rule = Rule {
    name: "waits",
    because: "a sleep is too long on a quick machine and too short on a slow one",
    mend: "wait for what has to happen, with a deadline: `eventually` and `within` in tests/support/wait.rs",
    find: waits,
    exceptions: &[
        may("src/server/body.rs", "tokio::time::sleep", DEADLINE),
        may("src/server/connection.rs", "tokio::time::sleep", DEADLINE),
        may(
            "src/server/mod.rs",
            "tokio::time::sleep",
            "tells balancers before it drains; out of descriptors, pauses",
        ),
        may(
            "src/realtime/streams/task.rs",
            "tokio::time::sleep_until",
            "wakes up when a number is missing for too long",
        ),
        may(
            "src/realtime/bus/redis.rs",
            "tokio::time::sleep_until",
            "an even pace; between two tries to connect",
        ),
        may("src/jobs/finish.rs", "tokio::time::sleep", "between two tries to store what is done"),
        may("src/jobs/schedule.rs", "tokio::time::sleep_until", "until a schedule's next moment"),
        may("tests/support/wait.rs", "tokio::time::sleep", ASKS_AGAIN),
        may("tests/support/proxy.rs", "tokio::time::sleep", "the slow network that a test has asked for"),
        may("tests/faults/stand.rs", "tokio::time::sleep", "a fault lasts for as long as was asked for"),
        may("tests/clients/lib/wait.mjs", "setTimeout(", "the deadline of every wait"),
        may("tests/clients/lib/traffic.mjs", "setTimeout(", "the deadline of the whole conversation"),
        may("tests/clients/protocol/engine.io.js", "setTimeout(", OF_THE_PROTOCOL),
        may("tests/clients/protocol/socket.io.js", "setTimeout(", OF_THE_PROTOCOL),
        may("tests/clients/protocol/node-imports.js", "setTimeout(", "makes these sleeps a little longer"),
        may("xtask/src/wait.rs", "std::thread::sleep", ASKS_AGAIN),
        may(
            "xtask/src/bench/deliveries.rs",
            "std::thread::sleep",
            "sends at an even pace, which is what is measured",
        ),
    ],
};

pub const UNFINISHED: Rule = Rule {
    name: "unfinished",
    because: "what is called done is done, and a test that doesn't run guards nothing",
    mend: "finish it, or take it out until its turn comes",
    find: unfinished,
    exceptions: &[],
};

fn waits(sources: &Sources) -> Vec<Finding> {
    let sleeps = ["tokio::time::sleep", "tokio::time::sleep_until", "std::thread::sleep"];
    let mut found = Vec::new();
    // The clients that the tests run, in their own languages.
    for source in sources.all().filter(|source| source.path.starts_with("tests/clients/")) {
        for (at, line) in source.text.lines().enumerate() {
            if let Some(sleep) = ["setTimeout(", ".sleep("].iter().find(|sleep| line.contains(*sleep)) {
                found.push(Finding::new(source, at + 1, *sleep, format!("holds {sleep}…)")));
            }
        }
    }
    for source in sources.rust() {
        for mention in source.rust().names.mentions.iter().filter(|mention| among(&mention.path, &sleeps)) {
            let fault = format!("names {}", mention.path);
            found.push(Finding::new(source, mention.line, &mention.path, fault));
        }
    }
    found
}

fn unfinished(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.rust() {
        let names = &source.rust().names;
        for attribute in &names.attributes {
            let by_condition = attribute.name == "cfg_attr" && attribute.content.contains("ignore");
            if attribute.name == "ignore" || by_condition {
                found.push(Finding::new(source, attribute.line, "ignore", "a test is ignored"));
            }
        }
        for mention in &names.mentions {
            let name = mention.path.rsplit("::").next().unwrap_or_default();
            if matches!(name, "todo!" | "unimplemented!") {
                found.push(Finding::new(source, mention.line, name, format!("holds {name}")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    #[test]
    fn a_sleep_is_refused_in_tests_too() {
        let text = "async fn f() { tokio::time::sleep(SOON).await }";
        refused(&WAITS, &[("tests/api/x.rs", text)], "tests/api/x.rs:1: names tokio::time::sleep");
        let imported = "use std::thread;\n#[cfg(test)]\nmod tests { use super::*; use std::thread; fn f() { thread::sleep(SOON) } }";
        refused(&WAITS, &[("xtask/src/run.rs", imported)], "xtask/src/run.rs:3: names std::thread::sleep");
        accepted(&WAITS, &[("tests/support/wait.rs", text)]);
        let said = "tests/clients/x.py:1: holds .sleep(…)";
        refused(&WAITS, &[("tests/clients/x.py", "time.sleep(1)")], said);
    }

    #[test]
    fn an_ignored_test_is_refused() {
        let said = "tests/api/x.rs:2: a test is ignored";
        refused(&UNFINISHED, &[("tests/api/x.rs", "#[test]\n#[ignore = \"later\"]\nfn f() {}")], said);
        refused(&UNFINISHED, &[("tests/api/x.rs", "#[test]\n#[cfg_attr(unix, ignore)]\nfn f() {}")], said);
        accepted(&UNFINISHED, &[("tests/api/x.rs", "/// Ignored by many.\n#[test]\nfn f() {}")]);
    }

    #[test]
    fn what_is_left_for_later_is_refused() {
        refused(&UNFINISHED, &[("src/x.rs", "fn f() { todo!() }")], "src/x.rs:1: holds todo!");
        refused(
            &UNFINISHED,
            &[("src/x.rs", "fn f() { std::unimplemented!() }")],
            "src/x.rs:1: holds unimplemented!",
        );
    }
}

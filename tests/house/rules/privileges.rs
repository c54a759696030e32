//! What only one place does, and who else may.

use crate::house::{
    paths::{among, named},
    rule::{Finding, Rule, may},
    source::Sources,
};

pub const BUILDING: Rule = Rule {
    name: "building",
    because: "a module that is built in one place has one set of dependencies, and no cycle",
    mend: "take what the module offers as a value, and let app.rs hand it in",
    find: |sources| {
        let elsewhere = sources.program().filter(|source| source.room() != Some("app"));
        named(elsewhere, |path| path.ends_with("Module::new"))
    },
    exceptions: &[],
};

pub const ENVIRONMENT: Rule = Rule {
    name: "environment",
    because: "a setting that is read elsewhere is neither checked at the start nor explained when it is wrong",
    mend: "read it in src/config and hand the value in",
    find: |sources| {
        let elsewhere = sources.program().filter(|source| source.room() != Some("config"));
        named(elsewhere, |path| among(path, &["std::env"]) && !among(path, &["std::env::args"]))
    },
    exceptions: &[],
};

pub const CLOCK: Rule = Rule {
    name: "clock",
    because: "what expires can only be tested with a clock that tests can move",
    mend: "ask the Clock that is handed in; measure how long something takes outside of modules, or say why here",
    find: clock,
    exceptions: &[
        may("src/infra/clock.rs", "chrono::Utc::now", "this is the clock"),
        may("src/jobs/store/moment.rs", "chrono::Utc::now", "SQLite's clock, where PostgreSQL has its own"),
        may(
            "src/modules/health/service.rs",
            "std::time::Instant::now",
            "measures uptime, and how long a check takes",
        ),
    ],
};

pub const TASKS: Rule = Rule {
    name: "tasks",
    because: "a task that nobody waits for is cut off when the program stops, and its panic is seen by nobody",
    mend: "spawn it on a TaskTracker that the stop waits for, or run it with infra::detached::to_the_end",
    find: |sources| {
        let spawns = [
            "tokio::spawn",
            "tokio::task::spawn",
            "tokio::task::spawn_blocking",
            "std::thread::spawn",
            "std::thread::Builder",
        ];
        named(sources.program(), |path| among(path, &spawns))
    },
    exceptions: &[
        may("src/infra/detached.rs", "tokio::spawn", "this is to_the_end, which waits while its caller does"),
        may("src/cli.rs", "tokio::spawn", "waits for the signal to stop for as long as the process lives"),
        may(
            "src/modules/auth/hasher.rs",
            "tokio::task::spawn_blocking",
            "awaited, and never more than HASHERS",
        ),
        may("src/realtime/mailbox.rs", "tokio::spawn", "ends when its socket's mailbox is empty"),
    ],
};

pub const OUTPUT: Rule = Rule {
    name: "output",
    because: "what a server has to say belongs into the log, where it has a level, a time and a request",
    mend: "use tracing; what a command prints is for src/cli.rs",
    find: |sources| {
        let elsewhere = sources.program().filter(|source| source.room() != Some("cli"));
        named(elsewhere, |path| {
            ["println!", "eprintln!", "print!", "eprint!", "dbg!"].contains(&path)
                || path.starts_with("std::") && path.ends_with("print!")
        })
    },
    exceptions: &[],
};

fn clock(sources: &Sources) -> Vec<Finding> {
    let wall = [
        "chrono::Utc::now",
        "chrono::Local::now",
        "std::time::SystemTime::now",
        "rustls::pki_types::UnixTime::now",
    ];
    let mut found = named(sources.program(), |path| among(path, &wall));
    let modules = sources.program().filter(|source| source.feature().is_some());
    let instants = ["std::time::Instant::now", "tokio::time::Instant::now"];
    found.extend(named(modules, |path| among(path, &instants)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    #[test]
    fn a_module_that_is_built_outside_of_app_is_refused() {
        let text = "fn f(d: PostsDeps) { crate::modules::posts::PostsModule::new(d); }";
        refused(
            &BUILDING,
            &[("src/seed.rs", text)],
            "src/seed.rs:1: names crate::modules::posts::PostsModule::new",
        );
        accepted(&BUILDING, &[("src/app.rs", text), ("src/seed.rs", "fn f() { Module::renew(); }")]);
    }

    #[test]
    fn a_setting_that_is_read_outside_of_config_is_refused() {
        let text = "use std::env;\nfn f() { env::var(\"X\"); }";
        refused(&ENVIRONMENT, &[("src/infra/db.rs", text)], "src/infra/db.rs:1: names std::env");
        accepted(&ENVIRONMENT, &[("src/config/mod.rs", text)]);
    }

    #[test]
    fn a_look_at_another_clock_is_refused() {
        let text = "use chrono::{DateTime, Utc};\nfn f() -> DateTime<Utc> { Utc::now() }";
        refused(&CLOCK, &[("src/guards/gate.rs", text)], "src/guards/gate.rs:2: names chrono::Utc::now");
        accepted(&CLOCK, &[("src/infra/clock.rs", text)]);
        let text = "use rustls::pki_types::UnixTime;\nfn f() { UnixTime::now(); }";
        refused(
            &CLOCK,
            &[("src/server/tls.rs", text)],
            "src/server/tls.rs:2: names rustls::pki_types::UnixTime::now",
        );
        let text = "use std::time::Instant;\nfn f() { Instant::now(); }";
        refused(
            &CLOCK,
            &[("src/modules/posts/service.rs", text)],
            "src/modules/posts/service.rs:2: names std::time::Instant::now",
        );
        accepted(&CLOCK, &[("src/server/answer.rs", text)]);
    }

    #[test]
    fn a_task_that_nobody_waits_for_is_refused() {
        refused(
            &TASKS,
            &[("src/wire/x.rs", "fn f() { tokio::spawn(g()); }")],
            "src/wire/x.rs:1: names tokio::spawn",
        );
        refused(&TASKS, &[("src/wire/x.rs", "use std::thread::*;")], "src/wire/x.rs:1: names std::thread::*");
        accepted(&TASKS, &[("src/wire/x.rs", "fn f(t: &TaskTracker) { t.spawn(g()); }")]);
    }

    #[test]
    fn printing_outside_of_the_command_line_is_refused() {
        let text = "fn f() { println!(\"here\"); }";
        refused(&OUTPUT, &[("src/server/mod.rs", text)], "src/server/mod.rs:1: names println!");
        accepted(&OUTPUT, &[("src/cli.rs", text)]);
    }
}

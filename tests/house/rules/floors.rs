//! Imports point down.

use crate::house::{
    paths::{Imports, reaches},
    rule::{Finding, Rule},
    source::{Source, Sources},
};

/// From the ground. Rooms on one floor may import one another, but not each other.
pub const FLOORS: &[&[&str]] = &[
    &["problem", "config"],
    &["infra"],
    &["jobs"],
    &["wire"],
    &["guards"],
    &["realtime"],
    &["module", "modules"],
    &["app"],
    &["document", "server", "seed", "cli"],
];

pub const DOWN: Rule = Rule {
    name: "floors",
    because: "a room that needs only what is under it can be read, tested and changed without the rest",
    mend: "hand it in as a value or through a trait that app.rs fills in, or move what is needed down",
    find,
    exceptions: &[],
};

fn find(sources: &Sources) -> Vec<Finding> {
    let (mut found, mut along, mut sideways) = (Vec::new(), Imports::new(), Vec::new());
    for source in sources.program() {
        let Some(room) = source.room() else { continue };
        let Some(floor) = floor(room) else {
            let fault = format!("the room {room} has no floor in tests/house/rules/floors.rs");
            found.push(Finding::new(source, 1, room, fault));
            continue;
        };
        for mention in &source.rust().names.mentions {
            let Some(named) = named_room(sources, &mention.path).filter(|named| named != room) else {
                continue;
            };
            let finding = |fault| Finding::new(source, mention.line, &mention.path, fault);
            match self::floor(&named) {
                Some(other) if other > floor => {
                    found.push(finding(format!("{room} names {}, which is above it", mention.path)));
                }
                Some(other) if other == floor => {
                    along.entry(room.to_owned()).or_default().insert(named.clone());
                    sideways.push((
                        named.clone(),
                        room,
                        finding(format!("{room} and {named} need each other")),
                    ));
                }
                Some(_) => {}
                None => found.push(finding(format!("{room} names {}, which is on no floor", mention.path))),
            }
        }
    }
    let round = sideways.into_iter().filter(|(named, room, _)| reaches(&along, named, room));
    found.extend(round.map(|(_, _, finding)| finding));
    found
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

/// The room that a path leads into. An exported macro lives at the crate's root, whoever defines it.
fn named_room(sources: &Sources, path: &str) -> Option<String> {
    let first = path.strip_prefix("crate::")?.split("::").next()?;
    let Some(name) = first.strip_suffix('!') else { return Some(first.to_owned()) };
    let defines = |source: &&Source| source.text.contains(&format!("macro_rules! {name} "));
    sources.program().find(defines)?.room().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    #[test]
    fn an_import_that_points_up_is_refused() {
        let said = "src/wire/page.rs:2: wire names crate::guards::Role, which is above it";
        refused(
            &DOWN,
            &[("src/wire/page.rs", "use crate::problem;\nuse crate::{guards::Role, infra};")],
            said,
        );
    }

    #[test]
    fn a_path_in_the_code_or_in_a_macro_is_an_import_too() {
        let said = "src/infra/mod.rs:1: infra names crate::app::App, which is above it";
        refused(&DOWN, &[("src/infra/mod.rs", "fn f(_: &crate::app::App) {}")], said);
        let said = "src/infra/db/x.rs:1: infra names crate::server::run, which is above it";
        refused(
            &DOWN,
            &[("src/infra/db/x.rs", "fn f() { select! { super::super::super::server::run() } }")],
            said,
        );
    }

    #[test]
    fn a_macro_belongs_to_the_room_that_defines_it() {
        let user = ("src/wire/id.rs", "crate::kinds! {}");
        refused(
            &DOWN,
            &[("src/guards/mod.rs", "macro_rules! kinds { () => {} }"), user],
            "src/wire/id.rs:1: wire names crate::kinds!, which is above it",
        );
        accepted(&DOWN, &[("src/problem/kind.rs", "macro_rules! kinds { () => {} }"), user]);
    }

    #[test]
    fn rooms_of_one_floor_may_import_one_another_but_not_round() {
        let (down, up) =
            (("src/cli.rs", "use crate::server::Server;"), ("src/server/mod.rs", "use crate::cli::run;"));
        accepted(&DOWN, &[down]);
        refused(&DOWN, &[down, up], "src/cli.rs:1: cli and server need each other");
    }

    #[test]
    fn a_room_without_a_floor_is_refused() {
        refused(&DOWN, &[("src/attic.rs", "")], "src/attic.rs:1: the room attic has no floor");
    }
}

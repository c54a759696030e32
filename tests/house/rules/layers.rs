//! What the files of a feature leave to one another: queries, rules, transport.

use syn::{Attribute, Item, ItemStruct};

use crate::house::{
    paths::{among, named},
    rule::{Finding, Rule, may},
    source::{Source, Sources},
};

/// Of the library for queries: the error that `error.rs` maps, and how a value is stored.
const NO_QUERIES: [&str; 5] = [
    "sea_orm::DbErr",
    "sea_orm::DeriveActiveEnum",
    "sea_orm::EnumIter",
    "sea_orm::DeriveValueType",
    "sea_orm::TryFromU64",
];

/// How SQL begins.
const SQL: [&str; 6] = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "PRAGMA ", "WITH "];

pub const QUERIES: Rule = Rule {
    name: "queries",
    because: "whoever changes a table has to find everything that reads it in the stores",
    mend: "move it into the feature's store.rs and give it a name there",
    find: queries,
    exceptions: &[
        may("src/infra/db.rs", "sea_orm", "opens the database and begins transactions"),
        may("src/infra/db/", "sea_orm", "opens SQLite, migrates"),
        may("src/infra/db/", "SQL", "asks which migrations have been applied, before there are any"),
        may("src/guards/idempotency.rs", "sea_orm", "the store of idempotency keys"),
        may("src/realtime/streams/", "sea_orm", "the store of streams"),
        may(
            "src/realtime/streams/",
            "SQL",
            "appends many by one statement, with the insert of what they are about",
        ),
        may("src/jobs/store.rs", "sea_orm", "the store of jobs"),
        may("src/jobs/store.rs", "SQL", "orders by the database's clock"),
        may("src/jobs/store/", "sea_orm", "the store of jobs"),
        may("src/jobs/store/", "SQL", "claims, which the library has no words for, by the database's clock"),
        may("src/realtime/feed/look.rs", "sea_orm", "looks at what the streams' store has been given"),
        may("src/realtime/feed/look.rs", "SQL", "compares transactions, which the library has no words for"),
    ],
};

pub const STEPS: Rule = Rule {
    name: "steps",
    because: "what passes by the service passes by its rules",
    mend: "extract, call the service, answer; what the service needs to be told is a type of its own or of dto.rs",
    find: steps,
    exceptions: &[],
};

pub const TRANSPORT: Rule = Rule {
    name: "transport",
    because: "REST, sockets, the command line and the seed share the rules only while these know none of them",
    mend: "let the controller, the gateway or dto.rs translate",
    find: |sources| {
        let transport = ["poem", "poem_openapi", "socketioxide", "engineioxide", "http", "hyper", "tower"];
        let below = |source: &&Source| matches!(source.role(), Some("service" | "store"));
        named(sources.program().filter(below), |path| among(path, &transport))
    },
    exceptions: &[],
};

pub const ROWS: Rule = Rule {
    name: "rows",
    because: "a column that is added to a row must not travel before somebody has decided so",
    mend: "show it in dto.rs; only an enum that is stored and sent as the same word carries both names",
    find: rows,
    exceptions: &[],
};

fn queries(sources: &Sources) -> Vec<Finding> {
    let elsewhere = || sources.program().filter(|source| !matches!(source.role(), Some("store" | "entity")));
    let mut found = named(elsewhere(), |path| {
        among(path, &["sea_orm", "sea_query", "sqlx"]) && !among(path.trim_end_matches("::*"), &NO_QUERIES)
    });
    for source in elsewhere() {
        for (text, line) in &source.rust().names.texts {
            if SQL.iter().any(|start| text.trim_start().starts_with(start)) {
                found.push(Finding::new(source, *line, "SQL", format!("holds SQL: {text:.40}")));
            }
        }
    }
    found
}

fn steps(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.program().filter(|source| matches!(source.role(), Some("controller" | "gateway"))) {
        let (module, _) = source.feature().expect("a role is a feature's");
        let store = format!("crate::modules::{module}::store");
        found.extend(named([source].into_iter(), |path| {
            among(path, &["sea_orm", "crate::infra::db", &store])
        }));
    }
    found
}

fn rows(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources.program().filter(|source| source.role() == Some("entity")) {
        for row in structs(&source.rust().items) {
            let attributes = row.attrs.iter().chain(row.fields.iter().flat_map(|field| &field.attrs));
            for attribute in attributes.filter(|attribute| is_of_the_wire(attribute)) {
                let line = attribute.pound_token.span.start().line;
                let fault = format!("the row {} has a name or a shape for the wire", row.ident);
                found.push(Finding::new(source, line, row.ident.to_string(), fault));
            }
        }
    }
    found
}

/// With those of inline modules.
fn structs<'a>(items: &'a [Item]) -> Vec<&'a ItemStruct> {
    let of = |item: &'a Item| match item {
        Item::Struct(item) => vec![item],
        Item::Mod(module) => module.content.as_ref().map_or(vec![], |(_, items)| structs(items)),
        _ => vec![],
    };
    items.iter().flat_map(of).collect()
}

fn is_of_the_wire(attribute: &Attribute) -> bool {
    const DERIVES: [&str; 4] = ["Serialize", "Deserialize", "Object", "NewType"];
    let name = |wanted| attribute.path().is_ident(wanted);
    let derives = || {
        let tokens = attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default();
        tokens.split(|c: char| !c.is_alphanumeric()).any(|word| DERIVES.contains(&word))
    };
    name("serde") || name("oai") || name("derive") && derives()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    #[test]
    fn a_query_outside_of_a_store_is_refused() {
        let text = "use sea_orm::{DbErr, EntityTrait};";
        let service = "src/modules/posts/service.rs";
        refused(&QUERIES, &[(service, text)], "src/modules/posts/service.rs:1: names sea_orm::EntityTrait");
        refused(&QUERIES, &[("src/wire/id.rs", "use sea_orm::*;")], "src/wire/id.rs:1: names sea_orm::*");
        accepted(&QUERIES, &[(service, "use sea_orm::DbErr;"), ("src/modules/posts/store/feed.rs", text)]);
    }

    #[test]
    fn sql_outside_of_a_store_is_refused() {
        let text = "const Q: &str =\n    \"SELECT id FROM posts\";";
        let path = "src/modules/posts/controller.rs";
        refused(
            &QUERIES,
            &[(path, text)],
            "src/modules/posts/controller.rs:2: holds SQL: SELECT id FROM posts",
        );
        accepted(&QUERIES, &[("src/modules/posts/store.rs", text)]);
    }

    #[test]
    fn a_controller_or_gateway_that_passes_by_the_service_is_refused() {
        let said = "src/modules/posts/gateway.rs:1: names crate::modules::posts::store::PostRow";
        refused(&STEPS, &[("src/modules/posts/gateway.rs", "use super::store::PostRow;")], said);
        let said = "src/modules/posts/controller.rs:1: names crate::infra::db::Db";
        refused(
            &STEPS,
            &[("src/modules/posts/controller.rs", "use crate::infra::{clock::Clock, db::Db};")],
            said,
        );
        accepted(&STEPS, &[("src/modules/posts/service.rs", "use super::store::PostRow;")]);
    }

    #[test]
    fn a_service_that_knows_how_it_is_reached_is_refused() {
        let said = "src/modules/posts/service/feed.rs:1: names poem_openapi::payload::Json";
        let text = "fn f() -> poem_openapi::payload::Json<()> {}";
        refused(&TRANSPORT, &[("src/modules/posts/service/feed.rs", text)], said);
        accepted(&TRANSPORT, &[("src/modules/posts/controller.rs", text)]);
    }

    #[test]
    fn a_row_that_could_be_sent_as_it_is_is_refused() {
        let path = "src/modules/posts/entity.rs";
        let derived = "mod posts {\n    #[derive(Clone, serde::Serialize)]\n    pub struct Model {}\n}";
        refused(
            &ROWS,
            &[(path, derived)],
            "src/modules/posts/entity.rs:2: the row Model has a name or a shape",
        );
        let renamed = "struct Model {\n    #[serde(rename = \"x\")]\n    y: i32,\n}";
        refused(
            &ROWS,
            &[(path, renamed)],
            "src/modules/posts/entity.rs:2: the row Model has a name or a shape",
        );
        let word =
            "#[derive(Serialize, DeriveActiveEnum)]\n#[serde(rename_all = \"lowercase\")]\nenum Kind {}";
        accepted(&ROWS, &[(path, word), ("src/modules/posts/dto.rs", derived)]);
    }
}

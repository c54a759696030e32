//! Names that the outside knows are given once.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, ImplItem, Item, ItemImpl, Lit};

use super::operations::{Operation, operations};
use crate::house::{
    rule::{Finding, Rule},
    source::{Source, Sources},
};

pub const UNIQUE: Rule = Rule {
    name: "unique-names",
    because: "one name for two things grants, documents or answers the wrong one",
    mend: "choose another name",
    find,
    exceptions: &[],
};

/// What kind of name, the name, where.
type Given<'a> = (&'static str, String, &'a Source, usize);

fn find(sources: &Sources) -> Vec<Finding> {
    let mut all: Vec<Given> = Vec::new();
    for Operation { source, id, .. } in operations(sources) {
        all.extend(id.map(|(id, line)| ("operation", id, source, line)));
    }
    for source in sources.program() {
        for item in &source.rust().items {
            match item {
                Item::Impl(item) => {
                    all.extend(named(item).map(|(kind, name, line)| (kind, name, source, line)))
                }
                Item::Macro(item) if item.mac.path.segments.last().is_some_and(|s| s.ident == "kinds") => {
                    let codes = codes(item.mac.tokens.clone()).into_iter();
                    all.extend(codes.map(|(name, line)| ("problem code", name, source, line)));
                }
                _ => {}
            }
        }
    }
    let (mut first, mut found) = (BTreeMap::new(), Vec::new());
    for (kind, name, source, line) in all {
        if let Some((file, at)) = first.get(&(kind, name.clone())) {
            let fault = format!("the {kind} {name} has been given at {file}:{at} already");
            found.push(Finding::new(source, line, name, fault));
        } else {
            first.insert((kind, name), (&source.path, line));
        }
    }
    found
}

/// `const NAME: &str = "…"` of a permission or an event.
fn named(item: &ItemImpl) -> Option<(&'static str, String, usize)> {
    let name = item.trait_.as_ref()?.0.segments.last()?.ident.to_string();
    let kind = match name.as_str() {
        "Permission" => "permission",
        "ClientEvent" => "event from clients",
        "ServerEvent" => "event to clients",
        _ => return None,
    };
    item.items.iter().find_map(|item| match item {
        ImplItem::Const(constant) if constant.ident == "NAME" => match &constant.expr {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some((kind, text.value(), text.span().start().line)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// `Kind = "E_…", 404, …` in the macro that declares problems.
fn codes(tokens: TokenStream) -> Vec<(String, usize)> {
    let texts = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Literal(text) => Some((text.to_string(), text.span().start().line)),
        _ => None,
    });
    let code = |(text, line): (String, usize)| {
        Some((text.strip_prefix("\"E_")?.strip_suffix('"')?.to_owned(), line))
    };
    texts.filter_map(code).map(|(rest, line)| (format!("E_{rest}"), line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    #[test]
    fn a_permission_that_two_modules_declare_is_refused() {
        let text = "impl Permission for A {\n    const NAME: &'static str = \"posts:read\";\n}";
        let said = "src/b.rs:2: the permission posts:read has been given at src/a.rs:2 already";
        refused(&UNIQUE, &[("src/a.rs", text), ("src/b.rs", text)], said);
        let event = text.replace("Permission", "ServerEvent");
        accepted(&UNIQUE, &[("src/a.rs", text), ("src/b.rs", &event)]);
    }

    #[test]
    fn a_problem_code_that_two_modules_raise_is_refused() {
        let text = "crate::kinds! {\n    Gone = \"E_GONE\", 410, \"Gone\";\n        cause: \"E_GONE\";\n}";
        let other = "kinds! { Away = \"E_GONE\", 404, \"Away\"; }";
        let said = "src/a.rs:3: the problem code E_GONE has been given at src/a.rs:2 already";
        refused(&UNIQUE, &[("src/a.rs", text)], said);
        let said = "src/b.rs:1: the problem code E_GONE has been given at src/a.rs:1 already";
        refused(&UNIQUE, &[("src/a.rs", other), ("src/b.rs", other)], said);
    }

    #[test]
    fn an_operation_id_that_two_operations_have_is_refused() {
        let text = "#[OpenApi]\nimpl A {\n    #[oai(path = \"/x\", method = \"get\", operation_id = \"getX\")]\n    fn f(&self) {}\n}";
        let said = "src/b.rs:3: the operation getX has been given at src/a.rs:3 already";
        refused(&UNIQUE, &[("src/a.rs", text), ("src/b.rs", text)], said);
    }
}

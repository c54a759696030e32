//! A path of the API belongs to one controller.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, ImplItem, Item, ItemImpl};

use crate::house::{
    rule::{Finding, Rule},
    source::{Source, Sources},
};

pub const OWNERS: Rule = Rule {
    name: "path-owners",
    because: "poem-openapi silently drops operations when two impls share a path",
    mend: "move the operation to the controller that has the path, or choose another path",
    find,
    exceptions: &[],
};

/// One method of an `#[OpenApi]` impl.
pub struct Operation<'a> {
    pub source: &'a Source,
    /// The impl, by the line it begins in.
    pub owner: usize,
    pub path: Option<(String, usize)>,
    pub id: Option<(String, usize)>,
}

pub fn operations(sources: &Sources) -> Vec<Operation<'_>> {
    let mut all = Vec::new();
    for source in sources.program() {
        for item in &source.rust().items {
            let Item::Impl(item) = item else { continue };
            let Some(prefix) = prefix(item) else { continue };
            let owner = item.impl_token.span.start().line;
            let methods = item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(method) => {
                    method.attrs.iter().find(|attribute| attribute.path().is_ident("oai"))
                }
                _ => None,
            });
            all.extend(methods.map(|oai| {
                let path = value(oai, "path").map(|(path, line)| (format!("{prefix}{path}"), line));
                Operation { source, owner, path, id: value(oai, "operation_id") }
            }));
        }
    }
    all
}

/// Of all paths of this impl; none when it isn't of the API.
fn prefix(item: &ItemImpl) -> Option<String> {
    let is_api =
        |attribute: &&Attribute| attribute.path().segments.last().is_some_and(|s| s.ident == "OpenApi");
    let attribute = item.attrs.iter().find(is_api)?;
    Some(value(attribute, "prefix_path").map_or_else(String::new, |(prefix, _)| prefix))
}

/// What stands in `#[attribute(name = "…")]`, and its line.
fn value(attribute: &Attribute, name: &str) -> Option<(String, usize)> {
    let tokens: TokenStream = attribute.meta.require_list().ok()?.tokens.clone();
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.windows(3).find_map(|window| match window {
        [TokenTree::Ident(key), TokenTree::Punct(_), TokenTree::Literal(text)] if key == name => {
            let value: syn::LitStr = syn::parse_str(&text.to_string()).ok()?;
            Some((value.value(), text.span().start().line))
        }
        _ => None,
    })
}

fn find(sources: &Sources) -> Vec<Finding> {
    let (mut owners, mut found) = (BTreeMap::new(), Vec::new());
    for Operation { source, owner, path, .. } in operations(sources) {
        let Some((path, line)) = path else { continue };
        let here = (&source.path, owner);
        let first = *owners.entry(path.clone()).or_insert(here);
        if first != here {
            let (file, line_of_first) = first;
            let fault = format!("{path} belongs to the impl at {file}:{line_of_first} already");
            found.push(Finding::new(source, line, path, fault));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::planted::{accepted, refused};

    const FIRST: (&str, &str) =
        ("src/a.rs", "#[OpenApi]\nimpl A {\n    #[oai(path = \"/x\", method = \"get\")] fn f(&self) {}\n}");

    #[test]
    fn a_path_with_two_owners_is_refused() {
        let other = "#[OpenApi(prefix_path = \"/x\")]\nimpl B {\n    #[oai(path = \"\", method = \"put\")]\n    fn f(&self) {}\n}";
        refused(
            &OWNERS,
            &[FIRST, ("src/b.rs", other)],
            "src/b.rs:3: /x belongs to the impl at src/a.rs:2 already",
        );
    }

    #[test]
    fn two_operations_of_one_impl_may_share_a_path() {
        let text = "#[OpenApi]\nimpl B {\n    #[oai(path = \"/y\", method = \"put\")]\n    fn f(&self) {}\n    \
                    #[oai(path = \"/y\", method = \"get\")]\n    fn g(&self) {}\n}";
        accepted(&OWNERS, &[FIRST, ("src/b.rs", text)]);
    }
}

//! What a file names: every path in it, in full, wherever it stands: in `use` trees, in code, in
//! attributes and in what is handed to macros.

use std::collections::HashMap;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::{ItemUse, UseTree};

/// A path and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// `crate::wire::PostId`, `std::env::var`; a macro's name ends with `!`, a glob with `*`.
    pub path: String,
    pub line: usize,
    /// Whether only tests are compiled with it.
    pub in_test: bool,
}

/// `#[name(content)]`.
#[derive(Debug)]
pub struct Attribute {
    pub name: String,
    pub content: String,
    pub line: usize,
}

#[derive(Debug, Default)]
pub struct Names {
    pub mentions: Vec<Mention>,
    pub attributes: Vec<Attribute>,
    /// Every text in quotes, and its line.
    pub texts: Vec<(String, usize)>,
}

type Path = Vec<String>;

/// A walk through a file's tokens.
#[derive(Default)]
struct Walk {
    /// The module that the walk is in.
    scope: Path,
    in_test: bool,
    /// What a name stands for in a module.
    imports: HashMap<(Path, String), Path>,
    found: Vec<Found>,
    attributes: Vec<Attribute>,
    texts: Vec<(String, usize)>,
}

/// A path as it is written.
struct Found {
    scope: Path,
    path: Path,
    line: usize,
    in_test: bool,
}

impl Names {
    pub fn read(scope: &[String], in_test: bool, tokens: TokenStream) -> Self {
        let mut walk = Walk { scope: scope.to_vec(), in_test, ..Walk::default() };
        walk.tokens(tokens);
        let mut mentions: Vec<Mention> = Vec::new();
        for Found { scope, path, line, in_test } in &walk.found {
            let path = walk.in_full(scope, path, 8).join("::");
            let mention = Mention { path, line: *line, in_test: *in_test };
            if !mentions.contains(&mention) {
                mentions.push(mention);
            }
        }
        Self { mentions, attributes: walk.attributes, texts: walk.texts }
    }
}

impl Walk {
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let outside = self.in_test;
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            at += match rest {
                [TokenTree::Punct(hash), TokenTree::Group(group), ..]
                    if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
                {
                    self.attribute(group.stream());
                    2
                }
                [TokenTree::Punct(hash), TokenTree::Punct(bang), TokenTree::Group(group), ..]
                    if hash.as_char() == '#' && bang.as_char() == '!' =>
                {
                    self.attribute(group.stream());
                    3
                }
                [TokenTree::Ident(word), next, ..] if word == "use" && !is(next, '<') => {
                    let length = self.import(rest);
                    self.in_test = outside;
                    length
                }
                [TokenTree::Ident(word), TokenTree::Ident(name), next, ..] if word == "mod" => {
                    let inside: Path = self.scope.iter().cloned().chain([name.to_string()]).collect();
                    self.imports.insert((self.scope.clone(), name.to_string()), inside.clone());
                    if let TokenTree::Group(group) = next {
                        let around = std::mem::replace(&mut self.scope, inside);
                        self.tokens(group.stream());
                        self.scope = around;
                    }
                    self.in_test = outside;
                    3
                }
                [TokenTree::Ident(_), ..] => self.path(rest),
                [TokenTree::Literal(literal), ..] => {
                    if let Ok(syn::Lit::Str(text)) = syn::parse_str(&literal.to_string()) {
                        self.texts.push((text.value(), literal.span().start().line));
                    }
                    1
                }
                [TokenTree::Group(group), ..] => {
                    self.tokens(group.stream());
                    if group.delimiter() == Delimiter::Brace {
                        // The end of the item that `#[cfg(test)]` stood before.
                        self.in_test = outside;
                    }
                    1
                }
                [TokenTree::Punct(end), ..] if end.as_char() == ';' => {
                    self.in_test = outside;
                    1
                }
                _ => 1,
            };
        }
        self.in_test = outside;
    }

    fn attribute(&mut self, tokens: TokenStream) {
        let mut parts = tokens.clone().into_iter();
        let Some(TokenTree::Ident(name)) = parts.next() else { return };
        if name == "doc" {
            return;
        }
        let content = parts.collect::<TokenStream>().to_string();
        self.in_test |= name == "cfg" && content == "(test)";
        self.attributes.push(Attribute { name: name.to_string(), content, line: line(&name) });
        let around = self.in_test;
        self.tokens(tokens);
        self.in_test = around;
    }

    /// `use …;`, which may be inside a macro and not be one.
    fn import(&mut self, rest: &[TokenTree]) -> usize {
        let length = rest.iter().position(|token| is(token, ';')).map_or(rest.len(), |end| end + 1);
        match syn::parse2::<ItemUse>(rest[..length].iter().cloned().collect()) {
            Ok(item) => {
                self.leaves(&mut Vec::new(), &item.tree);
                length
            }
            Err(_) => 1,
        }
    }

    fn leaves(&mut self, prefix: &mut Path, tree: &UseTree) {
        let (ident, alias) = match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.leaves(prefix, &path.tree);
                prefix.pop();
                return;
            }
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.leaves(prefix, tree)),
            UseTree::Glob(glob) => {
                let path = prefix.iter().cloned().chain(["*".to_owned()]).collect();
                return self.found(path, glob.star_token.span.start().line);
            }
            UseTree::Name(name) => (&name.ident, &name.ident),
            UseTree::Rename(rename) => (&rename.ident, &rename.rename),
        };
        let mut path = prefix.clone();
        let mut alias = alias.to_string();
        if ident == "self" {
            alias = if alias == "self" { path.last().cloned().unwrap_or_default() } else { alias };
        } else {
            path.push(ident.to_string());
        }
        self.imports.entry((self.scope.clone(), alias)).or_insert_with(|| path.clone());
        self.found(path, line(ident));
    }

    /// `a::b::c`, `a::b!`; a single name says nothing that its import hasn't said.
    fn path(&mut self, rest: &[TokenTree]) -> usize {
        let TokenTree::Ident(first) = &rest[0] else { return 1 };
        let (mut path, mut length) = (vec![first.to_string()], 1);
        while let [colon, another, TokenTree::Ident(next), ..] = &rest[length..]
            && is(colon, ':')
            && is(another, ':')
        {
            path.push(next.to_string());
            length += 3;
        }
        if let [bang, TokenTree::Group(_), ..] = &rest[length..]
            && is(bang, '!')
        {
            path.last_mut().unwrap().push('!');
        }
        if path.len() > 1 || path[0].ends_with('!') {
            self.found(path, line(first));
        }
        length
    }

    fn found(&mut self, path: Path, line: usize) {
        self.found.push(Found { scope: self.scope.clone(), path, line, in_test: self.in_test });
    }

    /// The path from the root of its crate, as far as this file knows.
    fn in_full(&self, scope: &[String], path: &[String], patience: usize) -> Path {
        let (first, rest) = path.split_first().expect("a path has a first segment");
        let mut base = match first.as_str() {
            "self" => scope.to_vec(),
            "super" => {
                let up = rest.iter().take_while(|segment| *segment == "super").count();
                let mut base = scope[..scope.len().saturating_sub(up + 1)].to_vec();
                base.extend_from_slice(&rest[up..]);
                return base;
            }
            name => match self.imports.get(&(scope.to_vec(), name.trim_end_matches('!').to_owned())) {
                Some(known) if patience > 0 && known.first() != Some(first) => {
                    let mut known = known.clone();
                    if name.ends_with('!') {
                        known.last_mut().unwrap().push('!');
                    }
                    self.in_full(scope, &known, patience - 1)
                }
                Some(known) if known.len() > 1 => known.clone(),
                _ => vec![first.clone()],
            },
        };
        base.extend_from_slice(rest);
        base
    }
}

fn is(token: &TokenTree, punctuation: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == punctuation)
}

fn line(ident: &Ident) -> usize {
    ident.span().start().line
}

#[cfg(test)]
mod tests {
    use crate::house::source::Source;

    /// What a file of this text, in `src/a/b.rs`, names: with the lines.
    fn named(text: &str) -> Vec<String> {
        let source = Source::new("src/a/b.rs", text);
        source.rust().names.mentions.iter().map(|m| format!("{}:{}", m.line, m.path)).collect()
    }

    #[test]
    fn a_use_tree_names_each_of_its_leaves() {
        let text = "use x::{\n    y::{self, Z as W},\n    *,\n};";
        assert_eq!(named(text), ["2:x::y", "2:x::y::Z", "3:x::*"]);
    }

    #[test]
    fn what_is_imported_is_followed_home() {
        let text = "use chrono::Utc;\nuse std::env as world;\nfn f() { Utc::now(); world::var(\"X\"); }";
        assert_eq!(named(text)[2..], ["3:chrono::Utc::now", "3:std::env::var"]);
    }

    #[test]
    fn super_and_self_are_followed_through_inline_modules() {
        let text = "use super::c;\nmod inner {\n    fn f() { super::super::d::e(); self::g::h(); }\n}";
        assert_eq!(named(text), ["1:crate::a::c", "3:crate::a::d::e", "3:crate::a::b::inner::g::h"]);
    }

    #[test]
    fn macros_and_attributes_hide_nothing() {
        let text = "#[derive(serde::Serialize)]\nstruct S;\nmacro_rules! m { () => { $crate::x::y() } }\n\
                    fn f() { select! { _ = crate::z::w() => {} } }";
        assert_eq!(named(text), ["1:serde::Serialize", "3:crate::x::y", "4:select!", "4:crate::z::w"]);
    }

    #[test]
    fn only_what_stands_under_cfg_test_is_in_a_test() {
        let text =
            "fn f() { a::b(); }\n#[cfg(test)]\nmod tests { fn g() { {} c::d(); } }\nfn h() { e::f(); }";
        let source = Source::new("src/a/b.rs", text);
        let in_test: Vec<bool> = source.rust().names.mentions.iter().map(|m| m.in_test).collect();
        assert_eq!(in_test, [false, true, false]);
    }
}

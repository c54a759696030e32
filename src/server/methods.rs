//! Which methods each path takes, for `Allow`.

use std::collections::BTreeMap;

use poem::http::HeaderValue;
use serde_json::Value;

use crate::document::operations_of;

/// The paths of the API document, and what `Allow` says of each.
pub struct Methods(Vec<(Vec<String>, HeaderValue)>);

impl Methods {
    pub fn of(document: &Value) -> Self {
        let mut paths: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (path, method, _) in operations_of(document) {
            paths.entry(path).or_default().push(method.to_uppercase());
        }
        Self(paths.into_iter().map(|(path, methods)| (pieces(path), allow(methods))).collect())
    }

    /// What the document doesn't show are pages, to be read.
    pub fn allowed(&self, path: &str) -> HeaderValue {
        let asked = pieces(path);
        let fits = |own: &&(Vec<String>, HeaderValue)| {
            let mut pairs = own.0.iter().zip(&asked);
            own.0.len() == asked.len() && pairs.all(|(own, piece)| is_parameter(own) || own == piece)
        };
        // The router, too, prefers the path that spells it out.
        let parameters =
            |own: &&(Vec<String>, HeaderValue)| own.0.iter().filter(|own| is_parameter(own)).count();
        let found = self.0.iter().filter(fits).min_by_key(parameters);
        found.map_or(HeaderValue::from_static("GET, HEAD"), |(_, allow)| allow.clone())
    }
}

fn pieces(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

fn is_parameter(piece: &str) -> bool {
    piece.starts_with('{')
}

fn allow(mut names: Vec<String>) -> HeaderValue {
    if names.iter().any(|name| name == "GET") {
        names.push("HEAD".into());
    }
    names.sort_unstable();
    HeaderValue::from_str(&names.join(", ")).expect("methods are plain words")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_that_is_spelt_out_wins_over_one_with_a_parameter() {
        let document = json!({ "paths": {
            "/users/{id}": { "get": {} },
            "/users/me": { "patch": {}, "get": {} },
            "/auth/login": { "post": {} },
        } });
        let methods = Methods::of(&document);
        let allowed = |path| methods.allowed(path).to_str().unwrap().to_owned();
        assert_eq!(allowed("/users/me"), "GET, HEAD, PATCH");
        assert_eq!(allowed("/users/ana"), "GET, HEAD");
        assert_eq!(allowed("/auth/login"), "POST");
        assert_eq!(allowed("/api-docs"), "GET, HEAD");
    }
}

//! What a feature answers, told from the first request to the last and kept in `tests/snapshots`.
//!
//! Whatever differs from run to run gets a name that stays the same: the first id is `[id 1]` wherever it
//! comes up again, so that who is who remains visible.

use std::collections::HashMap;

use chrono::DateTime;
use serde_json::Value;
use uuid::Uuid;

use super::Answer;

/// Longer than any word that we send, and without a blank: a token.
const TOKEN: usize = 60;

#[derive(Default)]
pub struct Story {
    text: String,
    /// The names given so far, by what they stand for.
    names: HashMap<String, String>,
    given: HashMap<&'static str, usize>,
}

impl Story {
    /// What was asked, in words or as a request, and the answer.
    pub fn tell(&mut self, asked: &str, answer: &Answer) {
        let mut body = answer.body.clone();
        self.rename(&mut body);
        let body = match &body {
            Value::Null => String::new(),
            body => format!("{body:#}\n"),
        };
        self.text.push_str(&format!("> {asked}\n{}\n{body}\n", answer.status));
    }

    /// Fails when the story kept under this name is another one.
    #[track_caller]
    pub fn is(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, self.text));
    }

    fn rename(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(name) = self.name(text) {
                    *text = name;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.rename(member)),
            _ => {}
        }
    }

    fn name(&mut self, text: &str) -> Option<String> {
        let kind = match text {
            text if Uuid::parse_str(text).is_ok() => "id",
            text if DateTime::parse_from_rfc3339(text).is_ok() => "time",
            // Addresses of things: only the ids in them.
            text if text.starts_with('/') => return Some(self.path(text)),
            text if text.len() >= TOKEN && !text.contains(' ') => "token",
            _ => return None,
        };
        let (names, given) = (&mut self.names, &mut self.given);
        let name = names.entry(text.to_owned()).or_insert_with(|| {
            let number = given.entry(kind).or_default();
            *number += 1;
            format!("[{kind} {number}]")
        });
        Some(name.clone())
    }

    fn path(&mut self, text: &str) -> String {
        let pieces = text.split('/').map(|piece| match Uuid::parse_str(piece) {
            Ok(_) => self.name(piece).unwrap_or_default(),
            Err(_) => piece.to_owned(),
        });
        pieces.collect::<Vec<_>>().join("/")
    }
}

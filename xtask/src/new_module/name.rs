//! A feature's name, in every form in which it is written.

use anyhow::{Result, bail};

/// `shopping_lists`, and one of them: `shopping_list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    many: Vec<String>,
    one: Vec<String>,
}

const LONGEST: usize = 40;

/// Words that a Rust program can't use as a name.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield";

impl Name {
    /// Of what the command line says: many of them, and one of them if that isn't plain to see.
    pub fn parse(many: &str, one: Option<&str>) -> Result<Self> {
        let all = words(many)?;
        let one = match one {
            Some(one) => one.to_owned(),
            None => one_of(many)?,
        };
        if one == many {
            bail!("`{many}` is both one and many; a list and what is in it need two names");
        }
        Ok(Self { many: all, one: words(&one)? })
    }

    /// `shopping_lists`: the folder, the table.
    pub fn snake(&self) -> String {
        self.many.join("_")
    }

    /// What the words of the templates become.
    pub fn written(&self) -> [(&'static str, String); 10] {
        let Self { many, one } = self;
        let sentence = |words: &[String]| capital(&words.join(" "));
        [
            ("~Widgets~", sentence(many)),
            ("~widgets~", many.join(" ")),
            ("~Widget~", sentence(one)),
            ("~widget~", one.join(" ")),
            ("widgets-path", many.join("-")),
            ("widgetCamel", camel(one)),
            ("Widgets", pascal(many)),
            ("Widget", pascal(one)),
            ("widgets", many.join("_")),
            ("widget", one.join("_")),
        ]
    }
}

fn words(name: &str) -> Result<Vec<String>> {
    let words: Vec<String> = name.split('_').map(str::to_owned).collect();
    let plain = |word: &String| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    if !words.iter().all(plain) {
        bail!(
            "`{name}` can't be a module: write lower-case words with `_` between them, like `shopping_lists`"
        );
    }
    if name.len() > LONGEST {
        bail!("`{name}` is too long for a module: {LONGEST} letters at most");
    }
    if KEYWORDS.split_whitespace().any(|word| word == name) {
        bail!("`{name}` is a word of the language; choose another");
    }
    Ok(words)
}

/// One of many, by the plain rules of English.
fn one_of(many: &str) -> Result<String> {
    let ends = |ending: &str| many.strip_suffix(ending).filter(|rest| rest.len() > 1);
    if let Some(rest) = ends("ies") {
        return Ok(format!("{rest}y"));
    }
    for ending in ["sses", "xes", "ches", "shes", "zes"] {
        if ends(ending).is_some() {
            return Ok(many[..many.len() - 2].to_owned());
        }
    }
    match ends("s") {
        Some(rest) if !rest.ends_with(['s', 'u', 'i']) => Ok(rest.to_owned()),
        _ => bail!("what is one of `{many}` called? Say it: `cargo xtask new-module {many} <one>`"),
    }
}

fn pascal(words: &[String]) -> String {
    words.iter().map(|word| capital(word)).collect()
}

fn camel(words: &[String]) -> String {
    words.split_first().map_or_else(String::new, |(first, rest)| first.clone() + &pascal(rest))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_many_is_found_by_the_plain_rules() {
        for (many, single) in [
            ("notes", "note"),
            ("shopping_lists", "shopping_list"),
            ("categories", "category"),
            ("taxes", "tax"),
            ("addresses", "address"),
            ("branches", "branch"),
        ] {
            assert_eq!(Name::parse(many, None).unwrap().one.join("_"), single);
        }
    }

    #[test]
    fn what_has_no_plain_singular_has_to_be_told() {
        for many in ["data", "status", "analysis"] {
            let error = Name::parse(many, None).unwrap_err().to_string();
            assert!(error.contains(&format!("cargo xtask new-module {many} <one>")), "{error}");
        }
        assert_eq!(Name::parse("people", Some("person")).unwrap().one, ["person"]);
    }

    #[test]
    fn what_cant_be_a_name_is_refused_in_one_sentence() {
        for (many, single, why) in [
            ("Notes", None, "lower-case"),
            ("my-notes", None, "lower-case"),
            ("notes_", None, "lower-case"),
            ("1notes", None, "lower-case"),
            ("../notes", None, "lower-case"),
            ("", None, "lower-case"),
            ("types", None, "word of the language"),
            ("sheep", Some("sheep"), "two names"),
            ("notes_of_everybody_who_ever_wrote_any_at_all", None, "too long"),
        ] {
            let error = Name::parse(many, single).unwrap_err().to_string();
            assert!(error.contains(why), "{many}: {error}");
            assert!(!error.contains('\n'));
        }
    }

    #[test]
    fn every_form_is_written() {
        let name = Name::parse("shopping_lists", None).unwrap();
        let written = name.written().map(|(_, text)| text);
        let wanted = [
            "Shopping lists",
            "shopping lists",
            "Shopping list",
            "shopping list",
            "shopping-lists",
            "shoppingList",
            "ShoppingLists",
            "ShoppingList",
            "shopping_lists",
            "shopping_list",
        ];
        assert_eq!(written, wanted);
    }
}

//! A feature's name, in every form in which it is written.

use anyhow::{Result, anyhow};

use super::{singular, template, words};

/// `shopping_lists`, and one of them: `shopping_list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    many: Vec<String>,
    one: Vec<String>,
}

impl Name {
    /// Of what the command line says: many of them, and one of them if that isn't plain to see.
    pub fn parse(many: &str, one: Option<&str>) -> Result<Self> {
        let all = words::many(many, &template::files())?;
        let one = one.map(str::to_owned).or_else(|| singular::of(many));
        let one = one.ok_or_else(|| {
            let how = words::say(many, "it");
            anyhow!("it isn't plain to see what one of `{many}` is called; {how}")
        })?;
        Ok(Self { many: all, one: words::one(&one, many)? })
    }

    /// `shopping_lists`: the folder, the table.
    pub fn snake(&self) -> String {
        self.many.join("_")
    }

    /// `shopping list`: what one of them is called.
    pub fn single(&self) -> String {
        self.one.join(" ")
    }

    /// `ShoppingListId`.
    pub fn id(&self) -> String {
        pascal(&self.one) + "Id"
    }

    /// What the words of the templates become.
    pub fn written(&self) -> [(&'static str, String); 10] {
        let Self { many, one } = self;
        let sentence = |words: &[String]| capital(&words.join(" "));
        [
            ("~Widgets~", sentence(many)),
            ("~widgets~", many.join(" ")),
            ("~Widget~", sentence(one)),
            ("~widget~", self.single()),
            ("widgets-path", many.join("-")),
            ("widgetCamel", camel(one)),
            ("Widgets", pascal(many)),
            ("Widget", pascal(one)),
            ("widgets", self.snake()),
            ("widget", one.join("_")),
        ]
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
    fn what_has_no_plain_singular_has_to_be_told() {
        for many in ["data", "status", "analysis", "movies", "news"] {
            let error = Name::parse(many, None).unwrap_err().to_string();
            assert!(error.contains(&format!("say it: `cargo xtask new-module {many} <one>`")), "{error}");
        }
        assert_eq!(Name::parse("people", Some("person")).unwrap().one, ["person"]);
        assert_eq!(Name::parse("shopping_lists", None).unwrap().single(), "shopping list");
    }

    #[test]
    fn what_cant_be_a_name_is_refused() {
        for (many, single, why) in [
            ("std", Some("standard"), "choose another"),
            ("tests", None, "choose another"),
            ("types", None, "say another"),
            ("notes", Some("on"), "say another"),
            ("sheep", Some("sheep"), "both one and many"),
        ] {
            let error = Name::parse(many, single).unwrap_err().to_string();
            assert!(error.contains(why), "{many}: {error}");
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

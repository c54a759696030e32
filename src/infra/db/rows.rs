//! Rows of values as a source to select from: `INSERT INTO … SELECT … FROM {rows} r`.

use sea_orm::{
    DbBackend, Value,
    sea_query::{ArrayType, ValueType},
};

/// A table that is handed to a statement: its columns, and `place`, which counts the rows from 0 on.
///
/// PostgreSQL takes a column as one array, so that the text is the same for one row and for a hundred, and is
/// prepared once. SQLite has no arrays, but prepares in no time: there every value is a parameter.
#[derive(Debug, Default)]
pub struct Rows {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    of: ArrayType,
    nullable: bool,
    values: Vec<Value>,
}

impl Rows {
    /// One more column, with a value for each row.
    pub fn column<T: ValueType + Into<Value>>(
        self,
        name: &'static str,
        values: impl Iterator<Item = T>,
    ) -> Self {
        self.with(name, T::array_type(), false, values.map(Into::into).collect())
    }

    /// One more column, in which values may be missing.
    pub fn nullable<T: ValueType>(self, name: &'static str, values: impl Iterator<Item = Option<T>>) -> Self
    where
        Option<T>: Into<Value>,
    {
        self.with(name, T::array_type(), true, values.map(Into::into).collect())
    }

    fn with(mut self, name: &'static str, of: ArrayType, nullable: bool, values: Vec<Value>) -> Self {
        self.columns.push(Column { name, of, nullable, values });
        self
    }

    /// What stands for it in a statement on this database. Its values are added to the statement's.
    pub fn bind(self, backend: DbBackend, values: &mut Vec<Value>) -> String {
        match backend {
            DbBackend::Postgres => self.arrays(values),
            _ => self.tuples(values),
        }
    }

    fn arrays(self, values: &mut Vec<Value>) -> String {
        let (mut parameters, mut given, mut shown) = (Vec::new(), Vec::new(), Vec::new());
        let mut parameter = |name: String, of: ArrayType, array: Vec<Value>| {
            values.push(Value::Array(of, Some(Box::new(array))));
            parameters.push(format!("${}", values.len()));
            given.push(name);
        };
        for Column { name, of, nullable, values } in self.columns {
            if nullable {
                // The library's arrays hold no nulls: a second one says which values count.
                let counts = values.iter().map(|value| value.is_some().into()).collect();
                parameter(format!("has_{name}"), ArrayType::Bool, counts);
                parameter(name.to_owned(), of, values.into_iter().map(filled).collect());
                shown.push(format!("CASE WHEN has_{name} THEN {name} END AS {name}"));
            } else {
                parameter(name.to_owned(), of, values);
                shown.push(name.to_owned());
            }
        }
        format!(
            "(SELECT place - 1 AS place, {} FROM unnest({}) WITH ORDINALITY AS given({}, place))",
            shown.join(", "),
            parameters.join(", "),
            given.join(", ")
        )
    }

    fn tuples(self, values: &mut Vec<Value>) -> String {
        let names: Vec<String> = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, of)| format!("column{} AS {}", at + 2, of.name))
            .collect();
        let rows = self.columns.first().map_or(0, |column| column.values.len());
        let mut columns: Vec<_> = self.columns.into_iter().map(|column| column.values.into_iter()).collect();
        let mut tuples = Vec::with_capacity(rows);
        for place in 0..rows {
            let mut tuple = place.to_string();
            for column in &mut columns {
                values.extend(column.next());
                tuple.push_str(&format!(", ${}", values.len()));
            }
            tuples.push(format!("({tuple})"));
        }
        format!("(SELECT column1 AS place, {} FROM (VALUES {}))", names.join(", "), tuples.join(", "))
    }
}

/// The value, or any other of its type where it is missing.
fn filled(value: Value) -> Value {
    if value.is_some() { value } else { value.dummy_value() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn bound(backend: DbBackend, rows: usize) -> (String, Vec<Value>) {
        let mut values = vec![Value::from(7i64)];
        let rows = Rows::default()
            .column("word", (0..rows).map(|n| n.to_string()))
            .nullable("reply_to", (0..rows).map(|n| (n > 0).then(Uuid::nil)));
        (rows.bind(backend, &mut values), values)
    }

    #[test]
    fn on_postgres_the_text_is_the_same_for_any_number_of_rows() {
        let (text, values) = bound(DbBackend::Postgres, 1);
        assert_eq!(
            text,
            "(SELECT place - 1 AS place, word, CASE WHEN has_reply_to THEN reply_to END AS reply_to \
             FROM unnest($2, $3, $4) WITH ORDINALITY AS given(word, has_reply_to, reply_to, place))"
        );
        assert_eq!((bound(DbBackend::Postgres, 100).0, values.len()), (text, 4));
    }

    #[test]
    fn on_sqlite_every_value_is_a_parameter() {
        let (text, values) = bound(DbBackend::Sqlite, 2);
        assert_eq!(
            text,
            "(SELECT column1 AS place, column2 AS word, column3 AS reply_to FROM (VALUES (0, $2, $3), (1, $4, $5)))"
        );
        assert_eq!((values.len(), &values[2]), (5, &Value::Uuid(None)));
    }
}

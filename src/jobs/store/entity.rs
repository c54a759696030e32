//! The table of jobs, and that of schedules.

pub mod jobs {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        /// Of the payload.
        pub version: i32,
        pub payload: String,
        pub priority: i32,
        /// How often it was begun.
        pub attempt: i32,
        pub fence: i64,
        /// Of the kind's jobs that aren't dead, only one has it.
        pub unique_key: Option<String>,
        pub created_at: DateTimeUtc,
        /// When it was meant to be done.
        pub run_at: DateTimeUtc,
        /// When it may be claimed: of one that is worked on, when its lease ends.
        pub due_at: DateTimeUtc,
        /// It isn't begun after that.
        pub deadline: Option<DateTimeUtc>,
        /// Who works on it.
        pub holder: Option<Uuid>,
        /// Why the last attempt failed.
        pub error: Option<String>,
        pub dead_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod schedules {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "schedules")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub cron: String,
        pub next_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

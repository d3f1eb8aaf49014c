//! The shapes that come once a kind: a record, one about to be saved, a page. uniffi knows no generics, so each kind has
//! its own struct; what their shared fields mean is said here once and reaches every one of them.

/// `Record<Content>` of the core.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident of $content:ident) => {
        $(#[$doc])*
        #[uniffi::remote(Record)]
        pub struct $name {
            /// Names it on every phone and at the server.
            pub id: RecordId,
            /// The grid, task group or community that it belongs to, which decides who may see it.
            pub scope: ScopeId,
            /// What every record carries.
            pub header: Header,
            /// When its first change was made, by that phone's clock.
            pub created: Instant,
            /// When its latest change was made, by that phone's clock.
            pub updated: Instant,
            /// How far it has travelled.
            pub standing: Standing,
            /// How many fields hold two values that someone must choose between; 0 mostly.
            pub conflicts: u32,
            /// Which version this is; hand it back with an edit.
            pub version: Version,
            /// What its kind adds.
            pub content: $content,
        }
    };
}

/// `New<Content>` of the core.
macro_rules! new_record {
    (
        $(#[$doc:meta])* $name:ident of $content:ident
        $(#[$grid:meta])* grid
        $(#[$occurred_at:meta])* occurred_at
    ) => {
        $(#[$doc])*
        #[uniffi::remote(Record)]
        pub struct $name {
            /// What it says.
            pub content: $content,
            /// The id, if a draft already gave it one.
            #[uniffi(default = None)]
            pub id: Option<RecordId>,
            $(#[$grid])*
            #[uniffi(default = None)]
            pub grid: Option<ScopeId>,
            $(#[$occurred_at])*
            #[uniffi(default = None)]
            pub occurred_at: Option<Instant>,
        }
    };
}

/// `Page<Record>` of the core.
macro_rules! page {
    ($(#[$doc:meta])* $name:ident of $record:ident) => {
        $(#[$doc])*
        #[uniffi::remote(Record)]
        pub struct $name {
            /// The records, at most as many as were asked for.
            pub items: Vec<$record>,
            /// Where the next page begins; none at the end.
            pub next: Option<Cursor>,
        }
    };
}

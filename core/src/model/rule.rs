//! What an entry, a file, a PIN or an invitation must hold to. A rule is a code with numbers; its words are in
//! `core/resources/words.toml` under `rule`, and a test holds the two together. Errors carry rules, so that the bridge
//! passes on codes and each screen finds the words of its own language.

use std::fmt;

use serde::{Serialize, Serializer};

use super::words::{Locale, word};

macro_rules! rules {
    ($($(#[$meaning:meta])* $rule:ident $({ $($number:ident),+ })? = $code:literal,)+) => {
        /// A rule that was broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$meaning])* $rule $({ $(
                #[doc = concat!("What `{", stringify!($number), "}` is in the words.")]
                $number: i64
            ),+ })?,)+
        }

        impl Rule {
            /// Every rule, its numbers being 0.
            pub const ALL: &[Rule] = &[$(Rule::$rule $({ $($number: 0),+ })?),+];

            /// The stable word for it, as the bridge, JSON and `words.toml` carry it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self {
                    $(Rule::$rule $({ $($number: _),+ })? => $code,)+
                }
            }

            /// The numbers in its words, by name.
            #[must_use]
            pub fn numbers(self) -> Vec<(&'static str, i64)> {
                match self {
                    $(Rule::$rule $({ $($number),+ })? => vec![$($((stringify!($number), $number)),+)?],)+
                }
            }
        }
    };
}

rules! {
    // What is entered.
    /// Longer than a field holds.
    TooLong { most } = "too_long",
    /// Shorter or longer than a name may be.
    Length { least, most } = "length",
    /// No whole number.
    WholeNumber = "whole_number",
    /// No whole number of this range.
    NumberRange { least, most } = "number_range",
    /// The end lies before the start.
    BeforeStart = "before_start",
    /// A code or an id has a slash, which separates the parts of a path.
    Slash = "slash",
    /// A dash or a slash, which separate the parts of a dwelling.
    DashOrSlash = "dash_or_slash",
    /// Too much for one change to pass the gate.
    ChangeTooLarge = "change_too_large",
    /// Several grids, and none was chosen.
    GridMissing = "grid_missing",
    /// A household without a dwelling, or what is written as none.
    DwellingForm = "dwelling_form",
    /// A visit to no household.
    HouseholdMissing = "household_missing",
    /// A visit without an outcome.
    OutcomeMissing = "outcome_missing",
    /// A diary entry without a day.
    DateMissing = "date_missing",
    /// A diary entry without a text.
    TextMissing = "text_missing",
    /// An outreach without a form.
    FormMissing = "form_missing",
    /// An outreach without a place, building or household.
    PlaceMissing = "place_missing",
    /// A second outreach of one visit.
    OutreachExists = "outreach_exists",
    /// A list without a title.
    TitleMissing = "title_missing",
    /// A list without a task group.
    GroupMissing = "group_missing",
    /// A template without a period.
    RecursMissing = "recurs_missing",
    /// A template without an item.
    ItemsMissing = "items_missing",
    /// An item's id of other than letters, digits and dashes.
    ItemId = "item_id",
    /// An item without a title.
    ItemTitleMissing = "item_title_missing",
    /// An item that the list does not have.
    NoSuchItem = "no_such_item",
    /// A mark on no record.
    SubjectMissing = "subject_missing",
    /// A review without a mark.
    MarkMissing = "mark_missing",
    /// A record is returned without a word.
    ReturnNoteMissing = "return_note_missing",
    /// Nothing of the record was refused.
    NothingRefused = "nothing_refused",
    /// The field holds one value: there is nothing to choose.
    OneValueOnly = "one_value_only",
    /// Masked, the values look the same: none can be chosen by how it looks.
    MaskedAlike = "masked_alike",
    /// A number that was shown masked was changed in part.
    MaskedChanged = "masked_changed",
    /// The field has no masked number to reveal.
    NothingMasked = "nothing_masked",
    /// No reason, or none that fits, for revealing a number.
    RevealReason { least, most } = "reveal_reason",

    // A PIN.
    /// Not as many digits as a PIN has.
    PinLength { least, most } = "pin_length",
    /// One digit repeated, or digits in a row.
    PinTooSimple = "pin_too_simple",
    /// There is no PIN.
    PinNotSet = "pin_not_set",

    // An invitation.
    /// Not written as invitations are.
    InvitationForm = "invitation_form",
    /// The server's address is missing.
    ServerAddressMissing = "server_address_missing",
    /// The server's address is none.
    ServerAddressForm = "server_address_form",
    /// The invite secret is missing.
    InviteSecretMissing = "invite_secret_missing",
    /// The server's key is missing.
    ServerKeyMissing = "server_key_missing",
    /// The server's key is none.
    ServerKeyForm = "server_key_form",
    /// The server's pin is none.
    ServerPinForm = "server_pin_form",
    /// It was cut short.
    InvitationCut = "invitation_cut",
    /// Its signature is not its server's.
    InvitationNotSigned = "invitation_not_signed",
    /// A newer version wrote it.
    InvitationNewer = "invitation_newer",
    /// It has no mandate to begin on offline.
    MandateMissing = "mandate_missing",
    /// It has expired.
    InvitationExpired = "invitation_expired",
    /// It is another server's than the phone works with.
    OtherServer = "other_server",
    /// It is another person's than the phone works for.
    OtherPerson = "other_person",
    /// HTTP without encryption to another machine.
    PlainHttp = "plain_http",
    /// A key is pinned, and the address is without encryption.
    PinnedButPlain = "pinned_but_plain",

    // A spreadsheet as a whole.
    /// Larger than is read.
    FileTooLarge { mebibytes } = "file_too_large",
    /// Empty.
    FileEmpty = "file_empty",
    /// Excel's old format, or locked by a password.
    OldExcel = "old_excel",
    /// Called `.xlsx` and no such file.
    NotExcel = "not_excel",
    /// No CSV.
    NotCsv = "not_csv",
    /// In an encoding that is not read.
    Encoding = "encoding",
    /// A quotation mark that is never closed.
    OpenQuotation { line } = "open_quotation",
    /// More lines than are read.
    TooManyLines { most } = "too_many_lines",
    /// More columns than are read.
    TooManyColumns { most } = "too_many_columns",
    /// A workbook that inflates to more than is read.
    WorkbookTooLarge = "workbook_too_large",
    /// A workbook that cannot be read.
    WorkbookDamaged = "workbook_damaged",
    /// A workbook without a visible sheet.
    NoVisibleSheet = "no_visible_sheet",
    /// A cell of the header is not text.
    HeaderNotText { column } = "header_not_text",
    /// Two columns hold the same.
    ColumnTwice { first, second } = "column_twice",
    /// There is no column for the building, nor one for the whole dwelling.
    BuildingColumnMissing = "building_column_missing",
    /// There is no column for the unit, nor one for the whole dwelling.
    UnitColumnMissing = "unit_column_missing",
    /// There is no column for the room, nor one for the whole dwelling.
    RoomColumnMissing = "room_column_missing",

    // A cell.
    /// Excel made a date of it.
    ExcelDate = "excel_date",
    /// A formula that failed.
    FailedFormula = "failed_formula",
    /// The building is empty.
    BuildingMissing = "building_missing",
    /// The unit is empty.
    UnitMissing = "unit_missing",
    /// The room is empty.
    RoomMissing = "room_missing",
    /// An earlier line has the same dwelling.
    DwellingTwice = "dwelling_twice",
    /// No word of the dictionary.
    UnknownWord = "unknown_word",
    /// Not all are words of the dictionary.
    UnknownWords = "unknown_words",
    /// No month.
    MonthForm = "month_form",
    /// No scope is called so, or several are.
    UnknownScope = "unknown_scope",
}

impl Rule {
    /// At most `most` characters.
    #[must_use]
    pub fn too_long(most: usize) -> Self {
        Rule::TooLong { most: number(most) }
    }

    /// What screens say of it, with its numbers filled in.
    #[must_use]
    pub fn words(self, locale: Locale) -> String {
        self.fill(word(&format!("rule.{}", self.code()), locale))
    }

    /// `text` with each `{name}` replaced by the number of that name.
    #[must_use]
    pub fn fill(self, text: &str) -> String {
        let fill = |text: String, (name, number): (&str, i64)| {
            text.replace(&format!("{{{name}}}"), &number.to_string())
        };
        self.numbers().into_iter().fold(text.to_owned(), fill)
    }
}

/// A limit or place as a rule's number.
pub(crate) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// In English, for logs and the administrator's commands.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Locale::English))
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

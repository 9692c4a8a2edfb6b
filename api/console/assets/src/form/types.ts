// What the interface says of rules as forms (`GET` and `POST /api/v1/rules/form`).
export type Json = string | number | boolean | null | undefined | Json[] | { [name: string]: Json };
export type Values = Record<string, Json>;

export interface Fault {
  severity: string;
  message: string;
  help: string | null;
}

export interface Row {
  id?: string;
  kind: string;
  values: Values;
  rows?: Row[];
  faults?: Fault[];
}

export interface Group {
  join: "all" | "any";
  rows: Row[];
}

export interface Occurrence {
  name: string;
  where: Group | null;
}

export interface Document {
  guide: string;
  kind: string;
  label: string | null;
  rows: Row[];
  faults?: Fault[];
}

export interface Field {
  name: string;
  sort: string;
  label: string;
  options: string[];
  names: string | null;
  optional: boolean;
  hint: string | null;
}

export interface RowKind {
  kind: string;
  label: string;
  section: string | null;
  holds: string | null;
  negates: boolean;
  repeats: boolean;
  clause: string;
  guides: string[];
  starts: Values;
  fields: Field[];
}

export interface Operator {
  name: string;
  shape: string;
  wants: string;
  accepts: string[];
  suffix: string | null;
  ignores_case: boolean;
  doc: string;
}

export interface Widget {
  name: string;
  doc: string;
  selector: string;
  sides: string[];
  items: string[];
  step_items: string[];
  in_guides: boolean;
  frames_surveys: boolean;
}

export interface QuestionType {
  name: string;
  doc: string;
  scale: boolean;
  choices: boolean;
  limit: string | null;
}

export interface Menu {
  rows: Record<string, RowKind[]>;
  groups: Record<string, string>;
  sections: string[];
  operators: Operator[];
  counts: string[];
  windows: Record<string, { word: string; sort: string }>;
  actions: Record<string, string | null>;
  units: string[];
  days: string[];
  feelings: string[];
  styles: string[];
  widgets: Widget[];
  questions: QuestionType[];
}

export interface Named {
  name: string;
  label: string;
  kind?: string;
  allowed?: string[];
  properties?: Named[];
  reached?: string[];
  attempted?: string[];
}

export type Choices = Record<string, Named[]>;

/** What is in the editor, as it says it. */
export interface Written {
  file: string;
  text: string;
  files: Record<string, string>;
  guide: string | null;
}

/** What the fields of a row may ask of the form around them. */
export interface Surroundings {
  menu: Menu;
  choices: Choices;
  /** What a comparison speaks of, where it is not the user: the properties of an event, the questions so far. */
  subjects: Named[] | null;
  /** A value has changed. */
  changed(): void;
  /** Rows have come, gone or changed their kind: draw again. */
  redraw(focus?: Row): void;
}

/** A deep copy, so that a start is never changed. */
export function copied<Of>(value: Of): Of {
  return JSON.parse(JSON.stringify(value ?? null)) as Of;
}

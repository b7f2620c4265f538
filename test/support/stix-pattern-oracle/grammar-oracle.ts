import { readFileSync } from 'node:fs';
import {
  BailErrorStrategy,
  CharStream,
  CommonTokenStream,
  InterpreterDataReader,
  LexerInterpreter,
  ParseCancellationException,
  ParserInterpreter,
  ParserRuleContext,
  RecognitionException,
} from 'antlr4ng';
import type { GrammarNode } from './grammar-node.ts';

function generated(name: string): ReturnType<typeof InterpreterDataReader.parseInterpreterData> {
  return InterpreterDataReader.parseInterpreterData(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

/** Reads many patterns with one cache of decisions, which takes longer to fill than a pattern to parse. */
class GrammarParser extends ParserInterpreter {
  restart(tokens: CommonTokenStream): void {
    // What a parse that failed leaves behind.
    this.parentContextStack = [];
    this.inputStream = tokens;
  }
}

const lexerData = generated('STIXPatternLexer.interp');
const lexer = new LexerInterpreter(
  'STIXPattern',
  lexerData.vocabulary,
  lexerData.ruleNames,
  lexerData.channels ?? [],
  lexerData.modes ?? [],
  lexerData.atn,
  CharStream.fromString(''),
);
lexer.removeErrorListeners();

/** Read to its end: a parser winds back the stream it had, which would take a token from the lexer they share. */
const noTokens = new CommonTokenStream(lexer);
noTokens.fill();

const parserData = generated('STIXPattern.interp');
const parser = new GrammarParser('STIXPattern', parserData.vocabulary, parserData.ruleNames, parserData.atn, noTokens);
parser.removeErrorListeners();
parser.errorHandler = new BailErrorStrategy();

function nodeOf(tree: ParserRuleContext): GrammarNode {
  const children = tree.children.flatMap((child): GrammarNode[] => {
    if (child instanceof ParserRuleContext) return [nodeOf(child)];
    const token = child.getPayload();
    const type = typeof token === 'object' && token !== null && 'type' in token ? Number(token.type) : 0;
    return [
      { name: parserData.vocabulary.getSymbolicName(type) ?? child.getText(), text: child.getText(), children: [] },
    ];
  });
  return { name: parserData.ruleNames[tree.ruleIndex] ?? '', text: '', children };
}

/** The parse of a text by the OASIS grammar, null where it is no pattern. */
export function parseByGrammar(text: string): GrammarNode | null {
  lexer.inputStream = CharStream.fromString(text);
  parser.restart(new CommonTokenStream(lexer));
  try {
    return nodeOf(parser.parse(parserData.ruleNames.indexOf('pattern')));
  } catch (error) {
    if (error instanceof ParseCancellationException || error instanceof RecognitionException) return null;
    throw error;
  }
}

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as driver } from 'playwright-core';
import { indexedPng } from './indexed-png.ts';
import { alertPictures, pictureDigests, pictureDigestsPath } from './docs/alert-pictures.ts';

const viewport = { width: 720, height: 400 };

/** Takes the pictures of deploy/reference/alert-examples in Chromium, and notes the pages that they were taken of. */
export async function takePictures(): Promise<void> {
  const renderer = await readFile(
    fileURLToPath(import.meta.resolve('adaptivecards/dist/adaptivecards.min.js')),
    'utf8',
  );
  const browser = await driver.launch({ executablePath: await chromium.executablePath(), args: chromium.args });
  try {
    // One page for all: in the single process that this Chromium is, closing a page closes the browser.
    const page = await browser.newPage({ viewport });
    for (const { path, page: text, renderer: needed } of alertPictures()) {
      await page.setContent(text);
      if (needed === 'adaptivecards') {
        await page.addScriptTag({ content: renderer });
        await page.evaluate('drawCard()');
      }
      const size = await page.locator('body').boundingBox();
      if (size === null) throw new Error(`Cannot take ${path} as its page is empty`);
      await writeFile(path, indexedPng(await page.screenshot({ clip: size, fullPage: true })));
    }
  } finally {
    await browser.close();
  }
  await writeFile(pictureDigestsPath, `${JSON.stringify(pictureDigests(), null, 2)}\n`);
}
